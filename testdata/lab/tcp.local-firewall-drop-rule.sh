# The client's own firewall drops what goes to the server, without a word. rung may read its rules.
# target: tcp://203.0.113.10:21
# flags: --timeout 4s
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
			ip daddr 203.0.113.0/24 drop
		}
	}
END
