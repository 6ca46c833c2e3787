# The same, and there is no IPv6: the resolver answers, and no way leads out.
# target: -
# verdict: fail
# cause: link.no-carrier fail proven tun0
# healthy: healthy-machine-ipv4-only

on client ip -6 address flush dev eth0 scope global
on client ip -6 route delete default
on client ip tuntap add tun0 mode tun
on client ip link set tun0 up
on client ip address add 10.8.0.2 peer 10.8.0.1 dev tun0
on client ip route add 198.51.100.53/32 via 192.168.1.1
on client ip route replace default dev tun0
