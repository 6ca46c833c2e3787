# The client's own network: what inspects DNS at its router drops every question but those for addresses, and DNS over TCP.
# target: -
# verdict: ok
# check: dns pass

resolver --local=/#/
on cpe nft --file - <<-'END'
	table inet inspection {
		chain forward {
			type filter hook forward priority filter - 5
			udp dport 53 @th,160,24 0x000002 counter drop
			tcp dport 53 drop
		}
	}
END
