# The same with TLS 1.3, where nobody can resume what there is no ticket for.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: ftps.session-reuse-impossible warn proven
# healthy: healthy-no-tickets-vsftpd

openssl_default 'NumTickets = 0'
vsftpd server ssl_enable=YES allow_anon_ssl=YES
