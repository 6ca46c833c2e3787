# Connections go to two servers in turn; the firewall of one of them resets every ClientHello.
# target: https://www.example.com/
# flags: --timeout 3s
# network: server-nat
# verdict: fail
# cause: tls.intermittent fail proven
# healthy: healthy-https

second_server
balance 'numgen inc mod 2'
website server 443 ssl good
website server2 443 ssl good
on server nft --file - <<-'END'
	table inet own {
		chain in {
			type filter hook input priority 0
			tcp dport 443 @ih,0,8 0x16 reject with tcp reset
		}
	}
END
