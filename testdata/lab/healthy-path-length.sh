# An intermediate CA that may have no other below, and has none.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl path-long-enough
