# The same over IPv6, where the error looks like "permission denied" to a program.
# target: ftp://files6.example.com/
# verdict: fail
# cause: route.admin-prohibited fail proven 2001:db8:a::1
# healthy: healthy-ipv6-only

vsftpd6 server
on isp nft --file - <<-'END'
	table inet filter {
		chain forward {
			type filter hook forward priority filter
			tcp dport 21 reject with icmpx admin-prohibited
		}
	}
END
