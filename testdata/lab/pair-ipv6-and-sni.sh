# Two faults: IPv6 is refused, and over IPv4 the name is filtered.
# target: https://files46.example.com/
# verdict: fail
# cause: ip6.target-broken warn proven
# cause: tls.sni-filtered fail proven
# healthy: healthy-https-censored

on server nft --file - <<-'END'
	table ip6 filter {
		chain input {
			type filter hook input priority filter
			tcp dport 443 reject with tcp reset
		}
	}
END
censor reset files46.example.com
website server 443 ssl good
