# A service of a private CA, which sends all but the root.
# target: tls://www.example.com:443
# verdict: fail
# cause: cert.untrusted-root fail likely
# healthy: healthy-tls

s_server server 443 private-no-root
