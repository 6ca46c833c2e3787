# The same with TLS 1.2.
# target: ftpes://files.example.com/
# flags: --no-session-reuse
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail proven
# healthy: healthy-no-session-reuse-vsftpd

openssl_default 'MaxProtocol = TLSv1.2'
vsftpd server ssl_enable=YES allow_anon_ssl=YES
