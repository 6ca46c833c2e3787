# The client's own firewall lets in what it was told to, and nobody told it of the resolver's answers. rung may read its rules.
# target: ftp://files.example.com/
# flags: --timeout 4s
# rights: net_admin
# verdict: fail
# cause: tcp.local-firewall fail proven inet filter input
# check: dns fail
# check: firewall fail
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter; policy drop
			iif lo accept
			tcp sport { 20, 21 } accept
			meta l4proto { icmp, ipv6-icmp } accept
		}
	}
END
