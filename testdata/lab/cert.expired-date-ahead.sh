# The certificate has expired, and the web server's clock is five days fast: set right or not, it has expired.
# target: https://www.example.com/
# verdict: fail
# cause: cert.expired fail likely
# healthy: healthy-https

at +5d website server 443 ssl expired
