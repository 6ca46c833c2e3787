# The client's router has a pool of public addresses, and the data connections get another one than the control connection.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: ftp.passive.peer-mismatch fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-address-pool

address_pool 192.0.2.71 192.0.2.72
vsftpd server
