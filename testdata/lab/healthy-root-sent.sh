# A web site sends the root too, which nobody needs.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl with-root
