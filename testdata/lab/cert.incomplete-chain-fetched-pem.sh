# The authority has the missing intermediate certificate in PEM.
# target: https://www.example.com/
# flags: --fetch-issuers
# verdict: fail
# cause: cert.incomplete-chain fail proven
# healthy: healthy-https

pki
website server 443 ssl leaf-pem
