# Over IPv6 active mode needs EPRT, and the server refuses it.
# target: ftp://files6.example.com/
# flags: --require both
# network: client-public
# verdict: fail
# cause: ftp.active.eprt-unsupported fail proven
# check: ftp.passive pass
# healthy: healthy-both-modes-ipv6-proftpd

proftpd server '<Limit EPRT>' DenyAll '</Limit>'
