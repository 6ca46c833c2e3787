# No router answers a packet whose time is over: the passive range is filtered, and nobody says where.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven
# check: ftp.active pass
# healthy: healthy-no-icmp

for place in cpe isp edge; do
	on "$place" nft --file - <<-END
		table inet silent {
			chain output {
				type filter hook output priority -10
				icmp type time-exceeded drop
				icmpv6 type time-exceeded drop
			}
		}
	END
done
on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server pasv_min_port=50007 pasv_max_port=50007
