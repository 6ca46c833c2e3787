# This machine's clock is three days slow: the authority has signed a response that is of the day after tomorrow here.
# target: https://www.example.com/
# verdict: fail
# cause: clock.local-skew fail proven
# healthy: healthy-staple

at +3d website server 443 ssl not-yet-valid "$(at +3d stapled not-yet-valid)"
