# Of two IPv6 addresses one is dead; the other and IPv4 work.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: tcp.partial-backends warn proven 2001:db8:2::11
# check: http pass
# healthy: healthy-two-addresses

website server 443 ssl good
further_address 11 drop
resolver --host-record=www.example.com,2001:db8:2::11 --host-record=www.example.com,2001:db8:2::10
