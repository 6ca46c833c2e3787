# The client's firewall lets nobody out but its administrators.
# target: tcp://203.0.113.10:21
# flags: --timeout 4s
# rights: net_admin
# verdict: fail
# cause: tcp.local-firewall fail proven inet egress out
# check: firewall fail
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet egress {
		chain out {
			type filter hook output priority filter; policy drop
			oif lo accept
			ct state established,related accept
			meta skuid { 0, 1000 } accept
			udp dport 53 accept
		}
	}
END
