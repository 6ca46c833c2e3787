# A web server that sends us elsewhere.
# target: https://www.example.com/old?token=secret
# verdict: ok

website server 443 ssl good 'return 301 https://www.example.com/new?token=secret'
