# The address of the authority's responder has a web site instead.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

on isp ip address add 198.51.100.80/32 dev lo
website isp 8080
website server 443 ssl asked
