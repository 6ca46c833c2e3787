# The same with P-384 and TLS 1.3 alone.
# target: https://www.example.com/
# verdict: ok

offloader server "crt $tls/good.pem ssl-min-ver TLSv1.3 ecdhe secp384r1 curves secp384r1"
