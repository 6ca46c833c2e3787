# A web site with both families and a good certificate.
# target: https://files46.example.com/
# verdict: ok

website server 443 ssl good
