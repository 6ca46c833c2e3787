# proftpd with TLS 1.2 alone wants sessions resumed, and by default resumes them by session id only: it gives no tickets.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: ftps.session-reuse-impossible warn proven
# healthy: healthy-no-tickets-proftpd

proftpd server "$(proftpd_tls good)" 'TLSProtocol TLSv1.2'
