# The client's own firewall admits only what the client asked for.
# target: ftp://files.example.com/
# flags: --require active --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.blocked-by-local-firewall fail likely
# check: ftp.passive pass
# healthy: healthy-both-modes-vsftpd

on client nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			iifname eth0 meta l4proto tcp ct state new drop
		}
	}
END
vsftpd server
