# The client's own network as router advertisements make it: the IPv6 gateway and the resolver have link-local addresses.
# target: -
# verdict: ok
# check: gateway fe80::1 pass
# check: dns pass

on cpe ip address add fe80::1/64 dev lan nodad
start cpe forwarder dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces --interface=lan \
	--except-interface=lo --pid-file --no-resolv --no-hosts --server=198.51.100.53
listening cpe 53
nameservers fe80::1%eth0
on client ip -6 route replace default via fe80::1 dev eth0
