# The revocation list has the certificate, and somebody else signed it who bears the authority's name.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

pki
website server 443 ssl listed-by-stranger
