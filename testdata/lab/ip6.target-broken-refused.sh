# The name has an IPv6 address, and the service listens on IPv4 only.
# target: ftp://files46.example.com/
# verdict: warn
# cause: ip6.target-broken warn proven
# cause: ftp.active.private-address info proven
# healthy: healthy-dual-stack

vsftpd server
