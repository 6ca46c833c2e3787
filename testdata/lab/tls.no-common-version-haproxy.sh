# A balancer that nobody dares to touch: TLS 1.1 is the newest that it speaks.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-https-haproxy

offloader server "crt $tls/good.pem ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1 ciphers ALL:@SECLEVEL=0"
