# Two sites send their visitors to HTTPS, each to its own.
# target: http://www.example.com/
# flags: --anchor anchor.example.net:80
# verdict: ok

on isp ip address add 198.51.100.88/32 dev lo
website isp 80 'return 301 https://$host$request_uri'
website server 80 'return 301 https://example.com/'
on edge nft add element inet firewall open '{ 80 }'
