# The client alone: a VPN has ended and its default route stayed, with a better metric than the one by the cable.
# target: -
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven vpn0
# check: dns fail
# healthy: healthy-machine

dead_vpn
prefer 50 dev vpn0
