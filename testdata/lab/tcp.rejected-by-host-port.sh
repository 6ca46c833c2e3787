# The server's own firewall rejects with "port unreachable", the default of nft and iptables.
# target: ftp://files.example.com/
# verdict: fail
# cause: tcp.rejected-by-host fail proven 203.0.113.10
# healthy: healthy-vsftpd

vsftpd server
on server nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			tcp dport 21 reject
		}
	}
END
