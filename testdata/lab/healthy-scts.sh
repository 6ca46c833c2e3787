# A certificate with the timestamps of two logs, which saw it yesterday.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl logged
