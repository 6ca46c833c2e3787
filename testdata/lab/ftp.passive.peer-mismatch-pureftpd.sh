# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: ftp.passive.peer-mismatch fail likely
# cause: ftp.active.private-address info proven
# healthy: healthy-address-pool-pureftpd

address_pool 192.0.2.71 192.0.2.72
pureftpd server
