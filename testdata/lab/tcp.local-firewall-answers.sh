# The client's firewall lets in what it was told to, and nobody told it of the answers to its own connections.
# target: tcp://203.0.113.10:21
# flags: --timeout 4s
# rights: net_admin
# verdict: fail
# cause: tcp.local-firewall fail proven inet filter input
# check: firewall fail
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter; policy drop
			iif lo accept
			meta l4proto { icmp, ipv6-icmp } accept
			tcp dport 22 accept
			udp sport 53 accept
		}
	}
END
