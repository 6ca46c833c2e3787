# The servers that the zone names do not know it: a lame delegation. The resolver says that it failed.
# target: ftp://files.broken.example/
# flags: --timeout 5s
# verdict: fail
# cause: dns.servfail fail proven
# healthy: healthy-vsftpd

recursive_resolver 198.51.100.54
nameservers 198.51.100.54
