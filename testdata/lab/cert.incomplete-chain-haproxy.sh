# A load balancer that does not send the intermediate certificate.
# target: https://www.example.com/
# verdict: fail
# cause: cert.incomplete-chain fail likely
# healthy: healthy-https-haproxy

offloader server "crt $tls/leaf-alone.pem"
