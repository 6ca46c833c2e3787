# The same with proftpd.
# target: ftp://files.example.com/
# flags: --hold 5s
# network: client-public
# verdict: fail
# cause: ftp.control.idle-dropped fail likely
# healthy: healthy-hold-proftpd

proftpd server 'TimeoutIdle 3'
