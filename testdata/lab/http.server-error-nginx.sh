# A gateway whose application is gone, without TLS.
# target: http://www.example.com/
# verdict: warn
# cause: http.server-error warn proven
# healthy: healthy-http

on edge nft add element inet firewall open '{ 80 }'
website server 80 'return 502'
