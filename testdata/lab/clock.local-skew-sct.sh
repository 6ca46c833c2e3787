# This machine's clock is three days slow: a log has seen the certificate, and that is of the day after tomorrow here.
# target: https://www.example.com/
# verdict: fail
# cause: clock.local-skew fail proven
# healthy: healthy-scts

at +3d website server 443 ssl logged-tomorrow
