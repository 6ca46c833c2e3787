# The provider drops FTP before it looks at anything else: its router does not answer for that port, and does for others.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 192.168.1.1 or 198.51.100.1
# healthy: healthy-literal

vsftpd server
on isp nft --file - <<-'END'
	table inet ingress {
		chain prerouting {
			type filter hook prerouting priority raw
			iifname access tcp dport 21 drop
		}
	}
END
