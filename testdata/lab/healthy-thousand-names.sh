# A certificate with a thousand names, which fills more than one record.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl thousand-names
