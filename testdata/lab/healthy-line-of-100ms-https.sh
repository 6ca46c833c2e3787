# The same with a web site.
# target: https://www.example.com/
# network: client-public
# delay: access 50ms
# verdict: ok

website server 443 ssl good
