# The server's firewall drops what comes directly, and what comes from the proxy, too.
# target: https://www.example.com/
# flags: --timeout 4s
# env: HTTPS_PROXY=http://192.168.1.1:3128
# verdict: fail
# cause: tcp.filtered fail proven
# check: proxy skip
# healthy: healthy-proxy-not-needed

website server 443 ssl good
proxy cpe 192.168.1.1
on edge nft delete element inet firewall open '{ 443 }'
