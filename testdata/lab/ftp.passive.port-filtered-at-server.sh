# The server's own firewall admits port 21 alone. From outside it looks as if the router before it dropped the connection: that
# one is the last that is known to have had it.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# check: ftp.active pass
# healthy: healthy-both-modes-vsftpd

on server nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter; policy drop
			ct state established,related accept
			iifname lo accept
			meta l4proto { icmp, ipv6-icmp } accept
			tcp dport 21 accept
		}
	}
END
vsftpd server
