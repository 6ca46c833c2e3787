# The target's IPv6 is silent. An anchor answers over IPv6.
# target: tcp://files46.example.com:21
# flags: --anchor anchor.example.org --timeout 3s
# verdict: warn
# cause: ip6.target-broken warn proven
# healthy: healthy-anchors

anchor_hosts
on edge nft insert rule inet firewall forward iifname wan meta nfproto ipv6 tcp dport 21 drop
pureftpd server
