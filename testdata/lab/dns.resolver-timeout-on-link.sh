# The router of the home network is the resolver, and its forwarder hangs: the machine answers ARP, not questions.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: dns.resolver-timeout fail proven 192.168.1.1
# healthy: healthy-vsftpd

nameservers 192.168.1.1
on cpe nft --file - <<-'END'
	table inet dead {
		chain input {
			type filter hook input priority -1
			meta l4proto { tcp, udp } th dport 53 drop
		}
	}
END
