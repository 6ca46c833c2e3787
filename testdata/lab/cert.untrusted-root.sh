# A web site whose certificate, complete with its chain, leads to a root that nobody here trusts.
# target: https://www.example.com/
# verdict: fail
# cause: cert.untrusted-root fail proven
# healthy: healthy-https

website server 443 ssl private-root
