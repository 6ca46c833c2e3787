# Of four addresses three are dead, each in its own way.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: tcp.partial-backends warn proven
# check: http pass
# healthy: healthy-two-addresses

website server 443 ssl good
further_address 11 drop
further_address 12 reject with tcp reset
further_address 13 reject with icmpx type port-unreachable
resolver --host-record=www.example.com,203.0.113.11 --host-record=www.example.com,203.0.113.12 --host-record=www.example.com,203.0.113.13
