# A web server that prefers HTTP/2, and speaks HTTP/1.1 as well.
# target: https://www.example.com/
# verdict: ok

offloader server "crt $tls/good.pem alpn h2,http/1.1"
