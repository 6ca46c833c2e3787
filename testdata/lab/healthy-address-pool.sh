# The client's router has a pool of public addresses, and gives all connections of a client the same one.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

address_pool 192.0.2.71 192.0.2.71
vsftpd server
