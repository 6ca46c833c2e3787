# proftpd without a cache of TLS sessions does not demand that they are resumed.
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require both
# network: client-public
# verdict: ok

proftpd server "$(proftpd_tls good)" 'TLSSessionCache off'
