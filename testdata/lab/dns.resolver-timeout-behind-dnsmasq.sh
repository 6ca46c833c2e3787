# The resolver is dnsmasq on the client itself, and nothing answers for DNS where it asks. It says nothing, and closes connections.
# target: https://www.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: dns.resolver-timeout fail likely 127.0.0.1
# healthy: healthy-dnsmasq

start client forwarder dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces --listen-address=127.0.0.1 \
	--pid-file --no-resolv --no-hosts --server=198.51.100.1
listening client 53
nameservers 127.0.0.1
