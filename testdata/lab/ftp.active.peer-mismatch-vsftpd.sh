# The same with vsftpd, whose refusal names no address; STAT does. Nobody needs active mode.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok
# cause: ftp.active.peer-mismatch info proven
# healthy: healthy-both-modes-vsftpd

on edge nft --file - <<-'END'
	table ip nat {
		chain postrouting {
			type nat hook postrouting priority srcnat
			oifname dmz masquerade
		}
	}
END
vsftpd server
