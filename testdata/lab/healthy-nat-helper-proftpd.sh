# The same with proftpd, which offers TLS to those who want it.
# target: ftp://files.example.com/
# flags: --require both
# verdict: ok

nat_helper cpe
proftpd server "$(proftpd_tls good)"
