# The client alone: its way out over IPv6 is a second interface, whose cable is out. IPv4 works.
# target: -
# flags: --timeout 5s
# verdict: warn
# cause: link.no-carrier warn proven eth1
# check: dns pass
# healthy: healthy-machine

on client ip link add eth1 type veth peer name far1
on client ip link set eth1 up
on client ip address add 2001:db8:9::2/64 dev eth1 nodad
on client ip link set far1 up
on client ip -6 route replace default via 2001:db8:9::1
on client ip link set far1 down
