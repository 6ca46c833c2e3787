# A web site at the end of a slow line.
# target: https://www.example.com/
# network: client-public
# delay: transit 200ms
# verdict: ok

offloader server "crt $tls/good.pem"
