# The server's firewall drops whatever comes. The resolver answers: the way out is open.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven behind 198.51.100.18
# healthy: healthy-vsftpd

vsftpd server
on edge nft flush set inet firewall open
