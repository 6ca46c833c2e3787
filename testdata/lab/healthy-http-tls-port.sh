# http:// at the TLS port of a web server, which says so in HTTP: 400.
# target: http://www.example.com:443/
# verdict: ok

website server 443 ssl good
