# The authority's revocation list is out of date: it says nothing of today.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

pki
website server 443 ssl listed-long-ago
