# The resolver does not answer; another host by the same gateway does.
# target: tcp://files.example.com:21
# flags: --timeout 3s --anchor 192.0.2.88
# verdict: fail
# cause: dns.resolver-timeout fail proven
# healthy: healthy-anchors

anchor_hosts
on isp nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
