# Two faults, one behind the other: no version in common, and a certificate that has expired, which nobody comes to see.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-https-haproxy

offloader server "crt $tls/expired.pem ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1 ciphers ALL:@SECLEVEL=0"
