# The root's revocation list has the intermediate certificate.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: fail
# cause: cert.revoked fail proven CN=Lab Intermediate 2
# healthy: healthy-crl-above

pki
website server 443 ssl revoked-above
