# The server's own firewall refuses connections out: the server knows at once that it cannot, and says so.
# target: ftp://files.example.com/
# flags: --require active --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.blocked fail likely
# check: ftp.passive pass
# healthy: healthy-both-modes-pureftpd

on server nft --file - <<-'END'
	table inet filter {
		chain output {
			type filter hook output priority filter
			ct state new meta l4proto tcp reject with icmpx admin-prohibited
		}
	}
END
pureftpd server
