# No router says anything, and the anchor that is named by IPv6 too is reached by IPv4 alone: the client has no IPv6.
# target: tcp://files.example.com:21
# flags: --anchor anchor.example.net --anchor anchor.example.org
# verdict: ok

anchor_hosts
configure client <<<'address flush dev eth0 scope global to 2001:db8:1::/64'
for place in cpe isp edge; do
	on $place nft --file - <<-'END'
		table inet mute {
			chain output {
				type filter hook output priority filter
				meta l4proto icmp drop
			}
		}
	END
done
vsftpd server
