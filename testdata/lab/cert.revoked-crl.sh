# The authority's revocation list has the web site's certificate.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: fail
# cause: cert.revoked fail proven
# healthy: healthy-crl

pki
website server 443 ssl revoked-listed
