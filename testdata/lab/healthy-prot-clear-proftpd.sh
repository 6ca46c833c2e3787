# TLS for proftpd's control connection alone.
# target: ftpes://files.example.com/
# flags: --prot clear --require both
# network: client-public
# verdict: ok

proftpd server "$(proftpd_tls good)" 'TLSRequired ctrl'
