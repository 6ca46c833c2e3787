# The server has a second address, and its active connections come from that one.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: warn
# cause: ftp.active.wrong-source warn proven
# healthy: healthy-both-modes-proftpd

proftpd server
on edge nft --file - <<-'END'
	table ip nat {
		chain postrouting {
			type nat hook postrouting priority srcnat
			iifname dmz ip saddr 203.0.113.10 meta l4proto tcp snat to 203.0.113.11
		}
	}
END
