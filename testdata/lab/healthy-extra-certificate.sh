# A web site sends one certificate more, which has nothing to do with the others.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl with-stranger
