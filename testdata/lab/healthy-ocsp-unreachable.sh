# Nobody answers at the address of the authority's responder: that is no revocation.
# target: https://www.example.com/
# flags: --check-revocation
# verdict: ok

website server 443 ssl asked
