# The name's answer is too long for UDP, and the resolver's host refuses TCP.
# target: ftp://long.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: dns.tcp-blocked fail proven 198.51.100.53
# healthy: healthy-long-answer

mapfile -t long < <(long_name long.example.com)
resolver "${long[@]}"
on isp nft --file - <<-'END'
	table inet filter {
		chain input {
			type filter hook input priority filter
			tcp dport 53 reject with tcp reset
		}
	}
END
