# IPv6 goes by a VPN that has ended, and besides nothing listens at the server.
# target: tcp://[2001:db8:2::10]:2121
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail likely vpn0
# check: tcp fail
# healthy: healthy-port-2121

dead_vpn
on client ip -6 route add default dev vpn0 metric 50
