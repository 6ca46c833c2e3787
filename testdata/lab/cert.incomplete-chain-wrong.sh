# Where the missing intermediate certificate should be is that of somebody else.
# target: https://www.example.com/
# flags: --fetch-issuers
# verdict: fail
# cause: cert.incomplete-chain fail likely
# healthy: healthy-https

pki
website server 443 ssl leaf-wrong
