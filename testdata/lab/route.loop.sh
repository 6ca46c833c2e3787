# The provider and the server's router each think that the other has the server's network: packets go back and forth.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: route.loop fail proven 198.51.100.1 and 198.51.100.18
# healthy: healthy-both-modes-vsftpd

vsftpd server
on edge ip address delete 203.0.113.1/24 dev dmz
