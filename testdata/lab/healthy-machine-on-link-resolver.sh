# The client's own network: the router is the resolver, as at home.
# target: -
# verdict: ok
# check: gateway 192.168.1.1 pass
# check: dns pass

start cpe forwarder dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces \
	--listen-address=192.168.1.1 --pid-file --no-resolv --no-hosts --server=198.51.100.53
listening cpe 53
nameservers 192.168.1.1
