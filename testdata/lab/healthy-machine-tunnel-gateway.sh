# The client's own network: a VPN's default route names a gateway, and the tunnel that it leads into knows no link-layer addresses.
# target: -
# verdict: ok
# check: gateway 10.8.0.1 pass
# check: dns pass

on client ip tuntap add tun0 mode tun
on client ip link set tun0 up
on client ip address add 10.8.0.2/24 dev tun0
on client ip route add 198.51.100.53/32 via 192.168.1.1
on client ip route replace default via 10.8.0.1 dev tun0
