# A client that resumes no TLS session, and proftpd does not mind.
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require both
# network: client-public
# verdict: ok

proftpd server "$(proftpd_tls good)" 'TLSOptions NoSessionReuseRequired'
