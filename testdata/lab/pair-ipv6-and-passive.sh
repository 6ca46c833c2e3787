# Two faults: IPv6 to the server is dropped, and over IPv4 the passive range was forgotten.
# target: ftp://files46.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: ip6.target-broken warn proven
# cause: ftp.passive.port-filtered fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-dual-stack

nameservers 198.51.100.53 2001:db8:53::53
on edge nft insert rule inet firewall forward iifname wan meta nfproto ipv6 tcp dport 21 drop
on edge nft delete element inet firewall open '{ 50000-50099 }'
pureftpd server
