# Two faults: the server wants a certificate of ours, and its own has expired.
# target: https://www.example.com/
# verdict: fail
# cause: tls.client-cert-required fail proven
# cause: cert.expired fail likely
# healthy: healthy-client-cert-haproxy

authority Staff
offloader server "crt $tls/expired.pem ca-file $tls/Staff.ca.pem verify required"
