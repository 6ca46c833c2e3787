# A web server without TLS 1.3.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good 'ssl_protocols TLSv1.2'
