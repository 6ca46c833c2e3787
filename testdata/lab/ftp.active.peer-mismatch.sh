# A load balancer in front of the server hides the client: the server sees the balancer's address and refuses any other.
# target: ftp://files.example.com/
# flags: --require active
# network: client-public
# verdict: fail
# cause: ftp.active.peer-mismatch fail proven
# healthy: healthy-both-modes-pureftpd

on edge nft --file - <<-'END'
	table ip nat {
		chain postrouting {
			type nat hook postrouting priority srcnat
			oifname dmz masquerade
		}
	}
END
pureftpd server
