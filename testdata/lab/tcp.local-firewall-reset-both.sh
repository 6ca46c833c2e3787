# The client's own firewall answers with a RST over both families, and nothing has ever left for the router over IPv6.
# target: ftp://files46.example.com/
# verdict: fail
# cause: tcp.local-firewall fail proven
# check: firewall skip
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			tcp dport 21 reject with tcp reset
		}
	}
END
