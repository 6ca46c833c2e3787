# The client's own network: a tunnel takes everything, and needs no gateway.
# target: -
# verdict: ok
# check: gateway 192.168.1.1 pass
# check: dns pass

on client ip tuntap add tun0 mode tun
on client ip link set tun0 up
on client ip address add 10.8.0.2 peer 10.8.0.1 dev tun0
on client ip route add 198.51.100.53/32 via 192.168.1.1
on client ip route replace default dev tun0
on client ip -6 route replace default via 2001:db8:1::1
