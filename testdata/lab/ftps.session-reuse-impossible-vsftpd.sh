# vsftpd wants TLS sessions resumed, and its machine's OpenSSL is configured to give no tickets: TLS 1.2 with session ids alone.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: ftps.session-reuse-impossible warn proven
# healthy: healthy-no-tickets-vsftpd

openssl_default 'MaxProtocol = TLSv1.2' 'Options = -SessionTicket'
vsftpd server ssl_enable=YES allow_anon_ssl=YES
