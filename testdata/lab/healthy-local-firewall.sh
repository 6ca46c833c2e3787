# The client's own firewall admits what the client asked for, and connections from the server.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

on client nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter; policy drop
			ct state established,related accept
			iifname lo accept
			meta l4proto { icmp, ipv6-icmp } accept
			ip saddr 203.0.113.10 accept
		}
	}
END
proftpd server
