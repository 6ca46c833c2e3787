# A web site without TLS.
# target: http://www.example.com/
# verdict: ok

on edge nft add element inet firewall open '{ 80 }'
website server 80
