# A hotel's resolver leads every name to its portal: one cause, and one login mends it all.
# target: https://www.example.com/
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80
# verdict: fail
# cause: path.captive-portal fail proven portal.hotel.lan
# check: tls.certificate fail
# says: its name leads to the portal, too
# healthy: healthy-anchors-https

website server 443 ssl good
captive_portal 'return 302 http://portal.hotel.lan/login'
start cpe dnsmasq2 dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces --listen-address=192.168.1.1 \
	--pid-file --no-resolv --no-hosts '--address=/#/192.168.1.1'
listening cpe 53
nameservers 192.168.1.1
