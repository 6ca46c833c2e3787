# The client's own firewall drops what is sent to resolvers.
# target: https://www.example.com/
# verdict: fail
# cause: tcp.local-firewall fail likely 198.51.100.53
# check: dns fail
# healthy: healthy-local-firewall

website server 443 ssl good
on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
