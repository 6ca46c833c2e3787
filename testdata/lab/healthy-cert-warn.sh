# A web site whose certificate is good for ten more days, and ten are enough for the user.
# target: https://www.example.com/
# flags: --cert-warn 7d
# verdict: ok

website server 443 ssl expiring
