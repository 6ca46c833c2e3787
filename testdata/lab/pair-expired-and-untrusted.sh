# Two faults: the certificate has expired, and its root is one that nobody here trusts.
# target: https://www.example.com/
# verdict: fail
# cause: cert.expired fail likely
# cause: cert.untrusted-root fail proven
# healthy: healthy-https

website server 443 ssl private-expired
