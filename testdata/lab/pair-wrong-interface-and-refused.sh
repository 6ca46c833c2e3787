# A VPN has ended and its default route stayed; the server is down besides, at a port where nothing listens. Which is not to be seen before.
# target: tcp://files.example.com:2121
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven vpn0
# healthy: healthy-port-2121

dead_vpn
prefer 50 dev vpn0
