# The client's own firewall admits only what the client asked for: the server's SYNs come as far as this machine.
# target: ftp://files.example.com/
# flags: --require active --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.blocked-by-local-firewall fail likely
# check: ftp.passive pass
# healthy: healthy-local-firewall

on client nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter; policy drop
			ct state established,related accept
			iifname lo accept
			meta l4proto { icmp, ipv6-icmp } accept
		}
	}
END
proftpd server
