# This machine's clock is three days slow, and a time server says so too.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: fail
# cause: clock.local-skew fail proven
# healthy: healthy-https

timeserver 72h
at +3d website server 443 ssl not-yet-valid
