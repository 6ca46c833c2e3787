# The server's own firewall rejects FTP with "host unreachable". An address translator whose inner host is off says the same.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.unreachable-remote fail likely 203.0.113.10
# healthy: healthy-literal

vsftpd server
on server nft --file - <<-'END'
	table inet firewall {
		chain input {
			type filter hook input priority filter
			tcp dport 21 reject with icmp host-unreachable
		}
	}
END
