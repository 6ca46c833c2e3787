# The server is off, and the router before it says nothing of that. From here that looks like a firewall that drops everything.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven behind 198.51.100.18
# healthy: healthy-vsftpd

vsftpd server
on edge nft --file - <<-'END'
	table inet mute {
		chain output {
			type filter hook output priority filter
			icmp type destination-unreachable drop
		}
	}
END
on server ip link set eth0 down
