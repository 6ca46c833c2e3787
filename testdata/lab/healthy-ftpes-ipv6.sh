# Explicit TLS over IPv6.
# target: ftpes://files6.example.com/
# network: client-public
# verdict: ok

vsftpd6 server ssl_enable=YES allow_anon_ssl=YES
