# The web site staples the authority's word that its certificate was revoked.
# target: https://www.example.com/
# verdict: fail
# cause: cert.revoked fail proven
# healthy: healthy-staple

website server 443 ssl revoked "$(stapled revoked)"
