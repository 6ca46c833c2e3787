# The intermediate CA may issue for example.com alone, and did.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl inside-constraint
