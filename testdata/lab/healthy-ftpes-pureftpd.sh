# Explicit TLS with pure-ftpd.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

pureftpd server --tls=1
