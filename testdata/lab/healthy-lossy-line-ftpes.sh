# The same with explicit TLS, over IPv6.
# target: ftpes://files6.example.com/
# flags: --require both --passive-samples 16
# network: client-public
# verdict: ok

lossy
vsftpd6 server ssl_enable=YES allow_anon_ssl=YES
