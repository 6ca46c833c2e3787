# The revocation list is not where the certificate says.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

pki
website server 443 ssl listed-nowhere
