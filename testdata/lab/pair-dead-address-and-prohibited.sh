# Of two addresses one is dead, and a device on the way to a third says that it forbids it.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: route.admin-prohibited warn proven 198.51.100.18
# cause: tcp.partial-backends warn proven 203.0.113.11
# healthy: healthy-two-addresses

website server 443 ssl good
further_address 11 drop
further_address 12
on edge nft insert rule inet firewall forward ip daddr 203.0.113.12 reject with icmpx type admin-prohibited
resolver --host-record=www.example.com,203.0.113.11 --host-record=www.example.com,203.0.113.12
