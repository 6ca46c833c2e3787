# A web server that asks for a login.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good 'return 401'
