# A client behind NAT that depends on active mode. The server accepts PORT and calls in vain.
# target: ftp://files.example.com/
# flags: --require active --timeout 3s
# verdict: fail
# cause: ftp.active.blocked-by-nat fail likely
# check: ftp.passive pass
# check: ftp.active fail
# healthy: healthy-nat-helper

proftpd server
