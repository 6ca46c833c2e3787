# The resolver forwards the questions about one zone to a server that is gone, and waits: it is silent about that zone alone.
# target: ftp://files.broken.example/
# flags: --timeout 4s
# verdict: fail
# cause: dns.servfail fail likely 198.51.100.53
# healthy: healthy-vsftpd

resolver --server=/broken.example/203.0.113.99
mangle edge 'ip daddr 203.0.113.99 drop'
