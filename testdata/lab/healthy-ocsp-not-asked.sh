# The authority's responder would say that the certificate was revoked, and the user does not ask.
# target: https://www.example.com/
# verdict: ok

ocsp_responder
website server 443 ssl revoked-asked
