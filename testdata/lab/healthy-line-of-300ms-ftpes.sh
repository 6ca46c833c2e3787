# The same with explicit TLS.
# target: ftpes://files.example.com/
# flags: --require both
# network: client-public
# delay: access 150ms
# verdict: ok

vsftpd server ssl_enable=YES allow_anon_ssl=YES
