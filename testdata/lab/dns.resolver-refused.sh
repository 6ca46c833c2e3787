# The machine that is configured as the resolver runs none.
# target: ftp://files.example.com/
# verdict: fail
# cause: dns.resolver-refused fail proven
# healthy: healthy-vsftpd

nameservers 198.51.100.1
vsftpd server
