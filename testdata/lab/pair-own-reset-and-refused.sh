# The client's own firewall answers for IPv6 with a RST; over IPv4 nothing listens at the server.
# target: tcp://files46.example.com:2121
# verdict: fail
# cause: tcp.local-firewall fail proven
# cause: tcp.refused fail proven
# healthy: healthy-port-2121

on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			ip6 daddr 2001:db8:2::10 tcp dport 2121 reject with tcp reset
		}
	}
END
