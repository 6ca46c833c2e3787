# A home network, and a server with a public address behind a firewall that admits what FTP needs. Active mode does not work
# from behind NAT, which is normal: vsftpd answers "500 Illegal PORT command" to an address that is not the client's.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven
# check: ftp.passive pass
# check: ftp.active fail

vsftpd server
