# The zone lost its signatures, and the resolver validates.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: dns.dnssec-bogus fail proven
# healthy: healthy-vsftpd

vsftpd server
recursive_resolver 198.51.100.54
nameservers 198.51.100.54
