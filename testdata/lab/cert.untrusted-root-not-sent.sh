# A web site of a private CA, which sends all but the root.
# target: https://www.example.com/
# verdict: fail
# cause: cert.untrusted-root fail likely
# healthy: healthy-private-root

website server 443 ssl private-no-root
