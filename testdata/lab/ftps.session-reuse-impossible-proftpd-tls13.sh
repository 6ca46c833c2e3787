# proftpd wants TLS sessions resumed, and its machine's OpenSSL is configured to give no tickets with TLS 1.3.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: ftps.session-reuse-impossible warn proven
# healthy: healthy-no-tickets-proftpd

openssl_default 'NumTickets = 0'
proftpd server "$(proftpd_tls good)"
