# A web site that presents the certificate of another one.
# target: https://www.example.com/
# verdict: fail
# cause: cert.name-mismatch fail proven
# healthy: healthy-https

website server 443 ssl other-name
