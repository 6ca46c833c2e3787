# The client's own firewall lets nothing in but DNS and ICMP, not even answers. Whether the server's answers are kept back there, an
# ordinary user cannot read.
# target: tcp://files.example.com:443
# flags: --timeout 4s
# verdict: fail
# cause: tcp.filtered fail likely
# healthy: healthy-local-firewall

website server 443
on client nft --file - <<-'END'
	table inet own {
		chain input {
			type filter hook input priority filter; policy drop
			iifname lo accept
			meta l4proto { icmp, ipv6-icmp } accept
			udp sport 53 accept
		}
	}
END
