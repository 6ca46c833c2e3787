# The client alone: it knows no resolver. Nothing goes by its gateways but what is sent to them.
# target: -
# verdict: fail
# cause: dns.no-resolver fail proven
# check: gateway 192.168.1.1 pass
# check: gateway 2001:db8:1::1 pass
# healthy: healthy-machine

rm /etc/resolv.conf
