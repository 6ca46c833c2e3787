# The client's own firewall says that the host is unreachable, in the words of a kernel that misses its gateway.
# target: ftp://files.example.com/
# verdict: fail
# cause: tcp.local-firewall fail proven 192.168.1.10
# check: gateway pass
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			tcp dport 21 reject with icmpx host-unreachable
		}
	}
END
