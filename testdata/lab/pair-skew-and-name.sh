# Two faults: this machine's clock is three days slow, as a time server says, and the certificate is for another name.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: fail
# cause: clock.local-skew fail proven
# cause: cert.name-mismatch fail proven
# healthy: healthy-https

timeserver 72h
at +3d website server 443 ssl tomorrow-other-name
