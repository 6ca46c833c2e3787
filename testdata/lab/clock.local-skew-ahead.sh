# This machine's clock is five days fast: the certificate is still valid by the web site's Date.
# target: https://www.example.com/
# verdict: fail
# cause: clock.local-skew fail likely
# healthy: healthy-https

at -5d website server 443 ssl expired
