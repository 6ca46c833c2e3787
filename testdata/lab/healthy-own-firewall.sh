# The client has a strict firewall of its own, which lets out what is needed, and rung may read its rules.
# target: ftp://files.example.com/
# network: client-public
# flags: --require passive
# rights: net_admin
# verdict: ok

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		set wanted {
			type inet_service
			flags interval
			elements = { 21, 443, 50000-50099 }
		}
		chain output {
			type filter hook output priority filter; policy drop
			oif lo accept
			ct state vmap { established : accept, related : accept, invalid : drop }
			udp dport 53 accept
			tcp dport 53 accept
			tcp dport @wanted accept
			meta l4proto ipv6-icmp accept
		}
		chain input {
			type filter hook input priority filter; policy drop
			ct state established,related accept
			iif lo accept
			tcp sport 20 accept
			meta l4proto { icmp, ipv6-icmp } accept
		}
	}
END
