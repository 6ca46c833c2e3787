# A typing error in the name.
# target: ftp://fiels.example.com/
# verdict: fail
# cause: dns.nxdomain fail proven
# healthy: healthy-vsftpd

vsftpd server
