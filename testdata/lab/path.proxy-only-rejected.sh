# The firewall says that it forbids. The proxy is beyond it, at the provider.
# target: http://www.example.com/
# flags: --timeout 4s --anchor anchor.example.net
# env: ALL_PROXY=198.51.100.88:3128
# verdict: warn
# cause: path.proxy-only warn proven http://198.51.100.88:3128
# check: anchor fail
# healthy: healthy-proxy-not-needed

anchor_hosts
proxy isp 198.51.100.88
on edge nft add element inet firewall open '{ 80 }'
website server 80
behind_proxy tcp dport != 3128 reject with icmpx admin-prohibited
