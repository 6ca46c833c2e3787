# The client's own firewall answers with a RST, and rung may read its rules.
# target: tcp://203.0.113.10:21
# rights: net_admin
# verdict: fail
# cause: tcp.local-firewall fail proven inet filter output
# check: firewall fail
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			ip daddr 203.0.113.10 meta l4proto tcp reject with tcp reset
		}
	}
END
