# A certificate without a subject: subject alternative names are all that it needs.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl no-subject
