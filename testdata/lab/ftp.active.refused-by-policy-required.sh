# The same with proftpd, for a user who needs active mode.
# target: ftp://files.example.com/
# flags: --require active
# network: client-public
# verdict: fail
# cause: ftp.active.refused-by-policy fail proven
# healthy: healthy-both-modes-proftpd

proftpd server '<Limit PORT EPRT>' DenyAll '</Limit>'
