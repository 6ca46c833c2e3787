# The resolver is dnsmasq on the client itself, which asks the provider's; another that it could ask is not there.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good
start client forwarder dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces --listen-address=127.0.0.1 \
	--pid-file --no-resolv --no-hosts --server=198.51.100.53 --server=198.51.100.1
listening client 53
nameservers 127.0.0.1
