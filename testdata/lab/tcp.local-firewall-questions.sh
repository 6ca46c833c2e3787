# The client's own firewall lets no questions out. rung may not read its rules.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: tcp.local-firewall fail likely 198.51.100.53
# check: dns fail
# check: firewall skip
# healthy: healthy-own-firewall

on client nft --file - <<-'END'
	table inet outbound {
		chain output {
			type filter hook output priority filter
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
