# The same with a client behind NAT.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server listen=NO listen_ipv6=YES
