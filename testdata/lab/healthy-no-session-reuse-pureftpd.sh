# pure-ftpd does not ask for TLS sessions to be resumed; with TLS 1.3 it gives no tickets either.
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require both
# network: client-public
# verdict: ok

pureftpd server --tls=1
