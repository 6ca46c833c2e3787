# The client's own network: its router says and hears no ICMP, but for what finds neighbours.
# target: -
# verdict: ok
# check: gateway 2001:db8:1::1 pass

on cpe nft --file - <<-'END'
	table inet quiet {
		chain output {
			type filter hook output priority filter
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
			meta l4proto { icmp, ipv6-icmp } drop
		}
		chain input {
			type filter hook input priority filter
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
			meta l4proto { icmp, ipv6-icmp } drop
		}
	}
END
