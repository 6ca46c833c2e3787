# http:// at a port where a balancer speaks TLS: it closes without a word.
# target: http://www.example.com:443/
# verdict: fail
# cause: http.not-http fail proven
# healthy: healthy-http

offloader server "crt $tls/good.pem"
