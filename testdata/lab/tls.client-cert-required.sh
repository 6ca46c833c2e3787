# A site for the staff: the balancer asks for a certificate, and says only after a TLS 1.3 handshake that there was none.
# target: https://www.example.com/
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-client-cert-haproxy

authority Staff
offloader server "crt $tls/good.pem ca-file $tls/Staff.ca.pem verify required"
