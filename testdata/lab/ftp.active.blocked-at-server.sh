# The server's own firewall lets no connection out. Nothing that a client can see tells where it ended.
# target: ftp://files.example.com/
# flags: --require active --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.blocked fail likely
# check: ftp.passive pass
# healthy: healthy-both-modes-vsftpd

on server nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			ct state new meta l4proto tcp drop
		}
	}
END
vsftpd server
