# The server's firewall drops the port. The client has a firewall, too, whose rules rung may read: they let the connection through, as far
# as can be told, for one of them asks for a mark.
# target: tcp://files.example.com:2222
# flags: --timeout 4s
# rights: net_admin
# verdict: fail
# cause: tcp.filtered fail proven
# check: firewall pass
# healthy: healthy-own-firewall

on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			meta mark 0x7 drop
			tcp dport 21 drop
		}
	}
END
