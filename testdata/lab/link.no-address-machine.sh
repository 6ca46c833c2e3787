# The client alone: DHCP failed as it does in life, and left neither an address nor a route nor a resolver.
# target: -
# verdict: fail
# cause: link.no-address fail proven eth0
# check: dns fail
# healthy: healthy-machine

on client ip address flush dev eth0 scope global
echo '# nothing' >/etc/resolv.conf
