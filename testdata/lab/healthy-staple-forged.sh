# The staple says revoked, and somebody else signed it who bears the authority's name.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl revoked "$(stapled revoked stranger)"
