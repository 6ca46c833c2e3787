# proftpd gives no tickets for TLS sessions, and does not ask for them.
# target: ftpes://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

proftpd server "$(proftpd_tls good)" 'TLSProtocol TLSv1.2' 'TLSOptions NoSessionReuseRequired'
