# Two faults: the web site does not listen on IPv6 although its name has such an address, and its certificate has expired.
# target: https://files46.example.com/
# verdict: fail
# cause: ip6.target-broken warn proven
# cause: cert.expired fail proven
# healthy: healthy-https

on server nft --file - <<-'END'
	table ip6 filter {
		chain input {
			type filter hook input priority filter
			tcp dport 443 reject with tcp reset
		}
	}
END
website server 443 ssl expired
