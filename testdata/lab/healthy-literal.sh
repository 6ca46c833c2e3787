# An IPv4 address as the target: no resolver is asked.
# target: ftp://203.0.113.10/
# verdict: ok
# cause: ftp.active.private-address info proven

nameservers 198.51.100.99
vsftpd server
