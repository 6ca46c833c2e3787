# The server's firewall forbids FTP, and sends one of four errors that are due. The SYNs of the trace meet what those of the connection
# did not.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: route.admin-prohibited fail proven 198.51.100.18
# healthy: healthy-literal

vsftpd server
on edge nft insert rule inet firewall forward iifname wan tcp dport 21 reject with icmpx admin-prohibited
on edge nft --file - <<-'END'
	table inet mute {
		chain output {
			type filter hook output priority filter
			icmp type destination-unreachable numgen inc mod 4 < 3 drop
		}
	}
END
