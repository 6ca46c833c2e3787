# Every second question to the resolver is lost, with EDNS or without.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good
mangle cpe 'udp dport 53 numgen inc mod 2 0 drop'
