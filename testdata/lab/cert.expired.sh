# A web site whose certificate has expired.
# target: https://www.example.com/
# verdict: fail
# cause: cert.expired fail proven
# healthy: healthy-https

website server 443 ssl expired
