# The client's own firewall answers with a RST, as if the server had. rung may not read its rules.
# target: ftp://files.example.com/
# verdict: fail
# cause: tcp.local-firewall fail likely
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
