# The client's own firewall does not let the program out.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: tcp.local-firewall fail proven
# healthy: healthy-both-modes-vsftpd

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			tcp dport 21 reject with icmpx port-unreachable
		}
	}
END
