# The certificate is not valid yet. The web server's clock has got so far, and a time server agrees with this machine's.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: fail
# cause: cert.not-yet-valid fail proven
# cause: clock.server-skew warn proven
# healthy: healthy-ntp

timeserver 0s
at +3d website server 443 ssl not-yet-valid
