# Explicit TLS with proftpd.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

proftpd server "$(proftpd_tls good)"
