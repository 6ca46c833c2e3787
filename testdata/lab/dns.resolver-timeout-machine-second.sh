# The client alone: its second resolver is dead, and its first answers by the same gateway.
# target: -
# flags: --timeout 3s
# verdict: warn
# cause: dns.resolver-timeout warn likely 198.51.100.99
# check: dns warn
# healthy: healthy-machine

nameservers 198.51.100.53 198.51.100.99
on isp nft --file - <<-'END'
	table ip filter {
		chain prerouting {
			type filter hook prerouting priority filter
			ip daddr 198.51.100.99 drop
		}
	}
END
