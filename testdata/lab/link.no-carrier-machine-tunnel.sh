# The client alone: the VPN has ended, and left its interface with the default route for IPv4. The resolver has a route of its own.
# target: -
# verdict: warn
# cause: link.no-carrier warn proven tun0
# check: dns pass
# healthy: healthy-machine-point-to-point

on client ip tuntap add tun0 mode tun
on client ip link set tun0 up
on client ip address add 10.8.0.2 peer 10.8.0.1 dev tun0
on client ip route add 198.51.100.53/32 via 192.168.1.1
on client ip route replace default dev tun0
