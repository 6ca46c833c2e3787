# The authority's responder says that the web site's certificate is good.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

ocsp_responder
website server 443 ssl asked
