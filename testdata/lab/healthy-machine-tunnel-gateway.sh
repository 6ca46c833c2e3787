# The client's own network: the default routes name a gateway, and the tunnel that they lead into knows no link-layer addresses.
# target: -
# delay: lan 1ms
# verdict: ok
# check: gateway 192.168.1.1 pass
# check: gateway 2001:db8:1::1 pass
# check: dns pass
