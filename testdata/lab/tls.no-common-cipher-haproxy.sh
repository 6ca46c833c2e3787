# A balancer that takes ARIA only.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-https-haproxy

offloader server "crt $tls/good.pem ssl-max-ver TLSv1.2 ciphers ECDHE-ARIA128-GCM-SHA256:ECDHE-ECDSA-ARIA128-GCM-SHA256"
