# The same with proftpd, which accepts a private address in PORT and calls in vain.
# target: ftpes://files.example.com/
# flags: --require active --timeout 3s
# verdict: fail
# cause: ftp.active.alg-blind-to-tls fail proven
# check: ftp.passive pass
# healthy: healthy-nat-helper-proftpd

nat_helper cpe
proftpd server "$(proftpd_tls good)"
