# The client alone: its own firewall lets no questions out.
# target: -
# flags: --timeout 3s
# verdict: fail
# cause: tcp.local-firewall fail likely 198.51.100.53
# healthy: healthy-machine

on client nft --file - <<-'END'
	table inet outbound {
		chain output {
			type filter hook output priority filter
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
