# IPv6 to the server is silent, whatever the port, and nothing else was reached over IPv6: it may be the client's own.
# target: ftp://files46.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: ip6.target-broken warn likely
# cause: ftp.active.private-address info proven
# healthy: healthy-dual-stack

on edge nft insert rule inet firewall forward iifname wan meta nfproto ipv6 tcp dport { 21, 443 } drop
pureftpd server
