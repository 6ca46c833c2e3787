# A web server that has nothing there, which is an answer.
# target: http://www.example.com/nothing
# verdict: ok

on edge nft add element inet firewall open '{ 80 }'
website server 80 'return 404'
