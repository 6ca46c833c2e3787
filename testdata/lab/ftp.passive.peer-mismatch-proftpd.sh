# The same with proftpd, told to be strict.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: ftp.passive.peer-mismatch fail proven
# cause: ftp.active.blocked-by-nat info likely
# healthy: healthy-address-pool-proftpd

address_pool 192.0.2.71 192.0.2.72
proftpd server 'AllowForeignAddress off'
