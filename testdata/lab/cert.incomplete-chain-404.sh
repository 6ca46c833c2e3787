# The missing intermediate certificate is not where the certificate says.
# target: https://www.example.com/
# flags: --fetch-issuers
# verdict: fail
# cause: cert.incomplete-chain fail likely
# healthy: healthy-https

pki
website server 443 ssl leaf-404
