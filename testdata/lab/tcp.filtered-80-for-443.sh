# The server's firewall drops HTTPS: port 80 tells that the host is alive.
# target: https://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# healthy: healthy-https-address

website server 80
website server 443 ssl good
on edge nft delete element inet firewall open '{ 443 }'
on edge nft add element inet firewall open '{ 80 }'
