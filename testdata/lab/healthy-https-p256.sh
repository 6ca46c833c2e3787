# A web server that takes P-256 only: it asks for another key share.
# target: https://www.example.com/
# network: client-public
# delay: access 50ms
# verdict: ok

website server 443 ssl good 'ssl_ecdh_curve prime256v1'
