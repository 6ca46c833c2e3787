# The client's own firewall does not let the program out, and rung may read its rules.
# target: tcp://203.0.113.10:21
# rights: net_admin
# verdict: fail
# cause: tcp.local-firewall fail proven inet filter ftp
# check: firewall fail
# check: tcp fail
# healthy: healthy-own-firewall

vsftpd server
on client nft --file - <<-'END'
	table inet filter {
		chain ftp {
			counter reject with icmpx admin-prohibited
		}
		chain output {
			type filter hook output priority filter
			ct state established,related accept
			tcp dport vmap { 21 : goto ftp, 22 : accept }
		}
	}
END
