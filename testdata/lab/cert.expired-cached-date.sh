# The certificate has expired; the answer comes from a cache, and is from a time at which it was valid.
# target: https://www.example.com/
# verdict: fail
# cause: cert.expired fail likely
# healthy: healthy-https

at -5d website server 443 ssl expired 'add_header Age 432000'
