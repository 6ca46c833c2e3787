# Every router and the server drop all ICMP but neighbour discovery. It is a bad habit, and FTP works.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

for place in cpe isp edge server; do
	on "$place" nft --file - <<-END
		table inet silent {
			chain input {
				type filter hook input priority -10
				ip protocol icmp drop
				icmpv6 type { echo-request, echo-reply, destination-unreachable, time-exceeded, packet-too-big } drop
			}
			chain forward {
				type filter hook forward priority -10
				meta l4proto { icmp, ipv6-icmp } drop
			}
			chain output {
				type filter hook output priority -10
				ip protocol icmp drop
				icmpv6 type { echo-request, echo-reply, destination-unreachable, time-exceeded, packet-too-big } drop
			}
		}
	END
done
vsftpd server
