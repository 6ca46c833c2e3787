# A balancer whose list of certificates has another name only.
# target: https://www.example.com/
# verdict: fail
# cause: tls.sni-unknown fail proven
# healthy: healthy-https-haproxy

offloader server "crt $tls/other-name.pem strict-sni"
