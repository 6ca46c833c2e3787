# The provider's router answers no packet whose time is over, and the server's firewall, behind it, drops the passive range.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# check: ftp.active pass
# healthy: healthy-both-modes-vsftpd

on isp nft --file - <<-END
	table inet silent {
		chain output {
			type filter hook output priority -10
			icmp type time-exceeded drop
		}
	}
END
on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server
