# The same with TLS 1.2.
# target: https://www.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# verdict: fail
# cause: tls.client-cert-rejected fail proven
# healthy: healthy-client-cert-haproxy

authority Staff
authority Guests
issue Guests alice -addext extendedKeyUsage=clientAuth
offloader server "crt $tls/good.pem ca-file $tls/Staff.ca.pem verify required ssl-max-ver TLSv1.2"
