# A certificate that asks for a staple, and a web site that staples.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl must-staple "$(stapled must-staple)"
