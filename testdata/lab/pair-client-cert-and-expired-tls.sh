# Two faults over tls://: the server wants a certificate of ours, and its own has expired.
# target: tls://www.example.com:443
# verdict: fail
# cause: tls.client-cert-required fail proven
# cause: cert.expired fail likely
# healthy: healthy-client-cert-haproxy

authority Staff
offloader server "crt $tls/expired.pem ca-file $tls/Staff.ca.pem verify required"
