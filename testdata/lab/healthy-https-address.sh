# An address as the target, and a certificate that has it.
# target: https://203.0.113.10/
# verdict: ok

website server 443 ssl good
