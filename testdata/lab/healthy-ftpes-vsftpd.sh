# Explicit TLS with vsftpd.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

vsftpd server ssl_enable=YES allow_anon_ssl=YES
