# Questions with an OPT record are dropped, over UDP alone; and TCP port 53 is closed, too.
# target: https://www.example.com/
# verdict: warn
# cause: dns.edns-dropped warn proven 198.51.100.53
# healthy: healthy-one-port

website server 443 ssl good
mangle cpe 'udp dport 53 @th,144,16 != 0 drop' 'tcp dport 53 drop'
