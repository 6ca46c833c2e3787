# The authority's revocation list does not have the web site's certificate.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

pki
website server 443 ssl listed
