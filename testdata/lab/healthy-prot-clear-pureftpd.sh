# TLS for pure-ftpd's control connection alone.
# target: ftpes://files.example.com/
# flags: --prot clear --require both
# network: client-public
# verdict: ok

pureftpd server --tls=2
