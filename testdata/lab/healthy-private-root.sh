# A web site of a private CA, whose root the user names.
# target: https://www.example.com/
# flags: --ca-file /run/lab/tls/private-ca.pem
# verdict: ok

website server 443 ssl private-no-root
