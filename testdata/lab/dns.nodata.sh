# The name exists and has no address.
# target: ftp://empty.example.com/
# verdict: fail
# cause: dns.nodata fail proven
# healthy: healthy-vsftpd

vsftpd server
