# The name's answer is too long for UDP, and the client's firewall lets DNS out over UDP alone.
# target: ftp://long.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: dns.tcp-blocked fail proven 198.51.100.53
# check: dns fail
# healthy: healthy-long-answer

mapfile -t long < <(long_name long.example.com)
resolver "${long[@]}"
mangle cpe 'tcp dport 53 drop'
