# A network without a way out, whose local names a server on the client itself knows, and a typing error in one.
# target: ftp://fiels.lan/
# verdict: fail
# cause: dns.nxdomain fail proven
# healthy: healthy-stub-resolver

start client names dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces \
	--listen-address=127.0.0.53 --pid-file --no-resolv --no-hosts --local=/lan/ --host-record=files.lan,192.168.1.1
listening client 53
nameservers 127.0.0.53
on client ip route delete default
on client ip -6 route delete default
