# A chain of two intermediate certificates.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl two-in-order
