# A certificate of many names, in a chain of several packets.
# target: https://www.example.com/
# verdict: ok

rsa_certificate {a..z}{0..3}.files.example.com
website server 443 ssl rsa
