# A firewall drops FTP over IPv6. Another port of the same host refuses over IPv6: the client's own IPv6 is well.
# target: ftp://files46.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: ip6.target-broken warn proven 2001:db8:b::2 or 2001:db8:2::10 or the way back
# cause: ftp.active.private-address info proven
# healthy: healthy-dual-stack

on edge nft insert rule inet firewall forward iifname wan meta nfproto ipv6 tcp dport 21 drop
pureftpd server
