# The client's router announces IPv6 and has no way out for it. It says so.
# target: tcp://files46.example.com:21
# flags: --anchor anchor.example.net --anchor anchor.example.org --timeout 3s
# verdict: warn
# cause: ip6.egress-broken warn proven 2001:db8:1::1
# healthy: healthy-anchors

anchor_hosts
on cpe ip -6 route delete default
pureftpd server
