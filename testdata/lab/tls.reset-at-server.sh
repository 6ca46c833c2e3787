# The server's own firewall resets whatever looks like TLS.
# target: tls://files6.example.com:443
# verdict: fail
# cause: tls.reset fail proven
# healthy: healthy-tls

on server nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			tcp dport 443 @ih,0,16 0x1603 reject with tcp reset
		}
	}
END
website server 8080
stunnel server "cert = $tls/good.pem" '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
