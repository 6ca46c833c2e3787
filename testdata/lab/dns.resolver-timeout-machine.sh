# The client alone: the resolver beyond the gateway says nothing, over UDP and TCP. The way out may be what is broken.
# target: -
# flags: --timeout 3s
# verdict: fail
# cause: dns.resolver-timeout fail likely 198.51.100.53
# check: gateway 192.168.1.1 pass
# healthy: healthy-machine

on isp nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
