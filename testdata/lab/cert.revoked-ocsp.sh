# The authority's responder says that the web site's certificate was revoked.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: fail
# cause: cert.revoked fail proven
# healthy: healthy-ocsp

ocsp_responder
website server 443 ssl revoked-asked
