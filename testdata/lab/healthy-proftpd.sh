# The same with proftpd. It takes a private address in PORT for the client's public one, and calls that, in vain.
# target: ftp://files.example.com/
# flags: --timeout 2s
# verdict: ok
# cause: ftp.active.blocked-by-nat info likely
# check: ftp.passive pass
# check: ftp.active fail

proftpd server
