# The provider's resolver gives the address of its search page for whatever does not exist.
# target: https://www.example.com/
# flags: --anchor files.example.com:443
# verdict: warn
# cause: dns.hijacked warn proven 198.51.100.54
# healthy: healthy-anchor-one-site

website server 443 ssl good
on isp ip address add 198.51.100.54/32 dev lo
start isp dnsmasq.54 dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces --listen-address=198.51.100.54 \
	--pid-file --no-resolv --no-hosts --address=/#/198.51.100.66 --host-record=www.example.com,203.0.113.10 \
	--host-record=files.example.com,203.0.113.10
listening isp 53
await
nameservers 198.51.100.54
