# vsftpd listens on a dual-stack socket and announces 0.0.0.0 to IPv4 clients. EPSV works.
# target: ftp://files.example.com/
# network: client-public
# verdict: warn
# cause: ftp.passive.unspecified-address warn proven
# healthy: healthy-both-modes-vsftpd

vsftpd server listen=NO listen_ipv6=YES
