# The client's router resets connections to the port of PPTP, which is one of the server's passive ports.
# target: ftp://files.example.com/
# flags: --passive-samples 40
# network: client-public
# verdict: warn
# cause: ftp.passive.special-port-blocked warn likely
# check: ftp.active pass
# healthy: healthy-special-port-pureftpd

on edge nft add element inet firewall open '{ 1721-1725 }'
on cpe nft --file - <<-'END'
	table inet gateway {
		chain forward {
			type filter hook forward priority filter
			iifname lan tcp dport 1723 reject with tcp reset
		}
	}
END
pureftpd server --passiveportrange=1721:1725
