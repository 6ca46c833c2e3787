# The name has an IPv6 address, and a firewall drops what goes there. IPv4 works, and so does IPv6 to the resolver.
# target: ftp://files46.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: ip6.target-broken warn proven
# cause: ftp.active.private-address info proven
# healthy: healthy-dual-stack

nameservers 198.51.100.53 2001:db8:53::53
on edge nft insert rule inet firewall forward iifname wan meta nfproto ipv6 tcp dport 21 drop
pureftpd server
