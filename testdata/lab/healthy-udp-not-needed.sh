# A firewall on the way lets DNS through over TCP alone, and the client is set up for that.
# target: -
# verdict: ok
# check: dns pass

echo 'options use-vc' >>/etc/resolv.conf
mangle cpe 'udp dport 53 drop'
