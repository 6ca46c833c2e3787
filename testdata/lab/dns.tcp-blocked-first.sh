# The name's answer is too long for UDP, and the first of two resolvers cannot be reached over TCP.
# target: ftp://long.example.com/
# flags: --timeout 8s
# verdict: warn
# cause: dns.tcp-blocked warn proven 198.51.100.54
# cause: ftp.active.private-address info proven
# healthy: healthy-long-answer

vsftpd server
mapfile -t long < <(long_name long.example.com)
further_resolver 198.51.100.54 "${long[@]}"
resolver "${long[@]}"
nameservers 198.51.100.54 198.51.100.53
mangle cpe 'ip daddr 198.51.100.54 tcp dport 53 reject with tcp reset'
