# A web site with a wildcard certificate.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl wildcard
