# This machine's clock is five days fast, and a time server says so too.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: fail
# cause: clock.local-skew fail proven
# healthy: healthy-https

timeserver -120h
at -5d website server 443 ssl expired
