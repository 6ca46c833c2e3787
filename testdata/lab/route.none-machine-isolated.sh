# The client alone, in a network without a way out, whose router answers for its own names. That may be all that is wanted.
# target: -
# verdict: warn
# cause: route.none warn proven
# check: dns pass
# healthy: healthy-machine

start cpe names dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces \
	--listen-address=192.168.1.1 --pid-file --no-resolv --no-hosts --local=/lan/ --host-record=files.lan,192.168.1.1
listening cpe 53
nameservers 192.168.1.1
on client ip route delete default
on client ip -6 route delete default
