# The client alone, two faults: its gateway is dead, and it knows no resolver.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 192.168.1.254
# cause: dns.no-resolver fail proven
# healthy: healthy-machine-ipv4-only

echo '# nothing' >/etc/resolv.conf
on client ip -6 route delete default
on client ip route replace default via 192.168.1.254
