# The web server's clock is three days fast; a time server agrees with this machine's.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: warn
# cause: clock.server-skew warn proven
# healthy: healthy-ntp

timeserver 0s
at +3d website server 443 ssl good
