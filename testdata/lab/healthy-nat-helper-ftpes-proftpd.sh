# The same with proftpd and the client's router.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

nat_helper cpe
proftpd server "$(proftpd_tls good)"
