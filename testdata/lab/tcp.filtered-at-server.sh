# The server's own firewall drops: its SYNs die where those to port 443 are refused.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# healthy: healthy-literal

vsftpd server
on server nft --file - <<-'END'
	table inet firewall {
		chain input {
			type filter hook input priority filter
			tcp dport 21 drop
		}
	}
END
