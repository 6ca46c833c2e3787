# Two faults: the router drops questions with EDNS, and the server's firewall drops the port.
# target: https://www.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: dns.edns-dropped warn proven 198.51.100.53
# cause: tcp.filtered fail proven
# healthy: healthy-one-port

website server 443 ssl good
on edge nft delete element inet firewall open '{ 443 }'
mangle cpe 'udp dport 53 @th,144,16 != 0 drop'
