# The same with TLS 1.2, where the alert comes in the handshake.
# target: https://www.example.com/
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-client-cert-haproxy

authority Staff
offloader server "crt $tls/good.pem ca-file $tls/Staff.ca.pem verify required ssl-max-ver TLSv1.2"
