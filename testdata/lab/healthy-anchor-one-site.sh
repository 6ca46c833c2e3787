# The site and the anchor are the same server, and the resolver says what does not exist.
# target: https://www.example.com/
# flags: --anchor files.example.com:443
# verdict: ok

website server 443 ssl good
