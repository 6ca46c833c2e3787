# The certificate promises a stapled response; the web site sends none.
# target: https://www.example.com/
# verdict: warn
# cause: cert.staple-missing warn proven
# healthy: healthy-must-staple

website server 443 ssl must-staple
