# The same with pure-ftpd.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

address_pool 192.0.2.71 192.0.2.71
pureftpd server
