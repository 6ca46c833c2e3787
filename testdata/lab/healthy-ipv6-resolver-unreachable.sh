# A resolver has an IPv6 address, and this network has no IPv6. Another one has IPv4.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

on client ip -6 route delete default
vsftpd server
nameservers 2001:db8:53::53 198.51.100.53
