# This machine's clock is three days slow: the certificate is valid there already, and the web site's Date is past its first day.
# target: https://www.example.com/
# verdict: fail
# cause: clock.local-skew fail likely
# healthy: healthy-https

at +3d website server 443 ssl not-yet-valid
