# A load balancer presents a certificate that has expired, and its answers bear no Date.
# target: https://www.example.com/
# verdict: fail
# cause: cert.expired fail likely
# healthy: healthy-https-haproxy

offloader server "crt $tls/expired.pem"
