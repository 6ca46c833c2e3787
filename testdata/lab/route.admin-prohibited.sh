# A filter at the provider rejects FTP, and says so.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.admin-prohibited fail proven 198.51.100.1
# healthy: healthy-vsftpd

vsftpd server
on isp nft --file - <<-'END'
	table inet filter {
		chain forward {
			type filter hook forward priority filter
			tcp dport 21 reject with icmpx admin-prohibited
		}
	}
END
