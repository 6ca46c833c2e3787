# vsftpd gives no tickets for TLS sessions, and does not ask for them.
# target: ftpes://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

openssl_default 'MaxProtocol = TLSv1.2' 'Options = -SessionTicket'
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_ssl_reuse=NO
