# A resolver leads every name to a page of its own. What is wrong with the certificate there is nothing of the target's.
# target: https://www.example.com/
# flags: --anchor anchor.example.net:80
# verdict: fail
# cause: dns.hijacked fail proven 192.168.1.1
# check: tls.certificate fail
# healthy: healthy-https

authority Page
mapfile -t names < <(for_site page.example.net)
issue Page page "${names[@]}"
website cpe 443 ssl page
start cpe dnsmasq2 dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces --listen-address=192.168.1.1 \
	--pid-file --no-resolv --no-hosts '--address=/#/192.168.1.1'
listening cpe 53
nameservers 192.168.1.1
