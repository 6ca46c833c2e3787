# Two faults: nothing answers for DNS at the first resolver, and the second is dropped on the way.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: dns.resolver-refused fail proven 198.51.100.1
# cause: dns.resolver-timeout fail likely 198.51.100.99
# healthy: healthy-vsftpd

nameservers 198.51.100.1 198.51.100.99
on isp nft --file - <<-'END'
	table ip filter {
		chain prerouting {
			type filter hook prerouting priority filter
			ip daddr 198.51.100.99 drop
		}
	}
END
