# Two faults: IPv6 is rejected by the provider, and the password is wrong.
# target: ftp://alice@files46.example.com/
# env: RUNG_PASSWORD=looking-glass
# verdict: fail
# cause: route.admin-prohibited warn proven
# cause: ftp.auth-rejected fail proven
# healthy: healthy-login

on isp nft --file - <<-'END'
	table ip6 filter {
		chain forward {
			type filter hook forward priority filter
			tcp dport 21 reject with icmpv6 admin-prohibited
		}
	}
END
vsftpd server
