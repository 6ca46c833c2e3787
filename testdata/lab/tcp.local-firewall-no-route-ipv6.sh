# The client's own firewall says over IPv6 that there is no route, which the kernel does not say by ICMP to itself.
# target: ftp://files6.example.com/
# verdict: fail
# cause: tcp.local-firewall fail proven 2001:db8:1::10
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			tcp dport 21 reject with icmpx no-route
		}
	}
END
