# The certificate has expired. The web server's clock has not got so far, and a time server agrees with this machine's.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: fail
# cause: cert.expired fail proven
# cause: clock.server-skew warn proven
# healthy: healthy-ntp

timeserver 0s
at -5d website server 443 ssl expired
