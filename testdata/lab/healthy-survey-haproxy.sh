# A balancer that takes TLS 1.2 with one suite.
# target: https://www.example.com/
# flags: --tls-survey
# verdict: ok

offloader server "crt $tls/good.pem ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES256-GCM-SHA384"
