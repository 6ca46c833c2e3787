# The same over IPv6.
# target: ftp://files6.example.com/
# verdict: fail
# cause: tcp.rejected-by-host fail proven 2001:db8:2::10
# healthy: healthy-ipv6-only

vsftpd6 server
on server nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			tcp dport 21 reject with icmpx admin-prohibited
		}
	}
END
