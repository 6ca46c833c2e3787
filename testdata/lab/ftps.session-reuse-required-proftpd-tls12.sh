# The same with TLS 1.2.
# target: ftpes://files.example.com/
# flags: --no-session-reuse
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail proven
# healthy: healthy-no-session-reuse-proftpd

proftpd server "$(proftpd_tls good)" 'TLSProtocol TLSv1.2' 'TLSSessionTickets on'
