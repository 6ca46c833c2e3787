# The client's router puts its own address into PORT, and that is private too: the provider translates once more. The server is
# offered an address that nobody sees, and says so.
# target: ftp://files.example.com/
# flags: --require active
# verdict: fail
# cause: ftp.active.alg-rewrite fail proven
# check: ftp.passive pass
# healthy: healthy-nat-helper-twice

nat_helper cpe
provider_translates
pureftpd server
