# A web site behind a balancer that ends TLS.
# target: https://files46.example.com/
# verdict: ok

offloader server "crt $tls/good.pem alpn h2,http/1.1"
