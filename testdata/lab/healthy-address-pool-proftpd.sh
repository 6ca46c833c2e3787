# The client's router has a pool of addresses and does not keep to one. proftpd, as it comes, accepts data connections from any.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: ok
# cause: ftp.active.blocked-by-nat info likely

address_pool 192.0.2.71 192.0.2.72
proftpd server
