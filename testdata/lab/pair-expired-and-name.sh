# Two faults: the certificate has expired, and is for another name.
# target: https://www.example.com/
# verdict: fail
# cause: cert.expired fail likely
# cause: cert.name-mismatch fail proven
# healthy: healthy-https

website server 443 ssl expired-other-name
