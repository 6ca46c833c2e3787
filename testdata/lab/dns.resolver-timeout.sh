# The resolver answers neither over UDP nor over TCP.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: dns.resolver-timeout fail likely
# healthy: healthy-vsftpd

vsftpd server
on isp nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
