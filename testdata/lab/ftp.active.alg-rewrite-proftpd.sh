# The same with proftpd, which accepts any private address but the one that it is offered in the place of the client's.
# target: ftp://files.example.com/
# flags: --require active --timeout 3s
# verdict: fail
# cause: ftp.active.alg-rewrite fail proven
# check: ftp.passive pass
# healthy: healthy-nat-helper-twice

nat_helper cpe
provider_translates
proftpd server
