# The resolver is systemd-resolved, which asks the provider's.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good
resolved 198.51.100.53
