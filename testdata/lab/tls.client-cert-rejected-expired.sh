# Our certificate has expired.
# target: https://www.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# verdict: fail
# cause: tls.client-cert-rejected fail proven
# healthy: healthy-client-cert-haproxy

authority Staff
issue Staff alice -addext extendedKeyUsage=clientAuth
expire Staff alice
offloader server "crt $tls/good.pem ca-file $tls/Staff.ca.pem verify required"
