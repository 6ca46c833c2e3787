# A web site whose certificate is not valid yet.
# target: https://www.example.com/
# verdict: fail
# cause: cert.not-yet-valid fail proven
# healthy: healthy-https

website server 443 ssl not-yet-valid
