# At the second of two addresses nothing listens.
# target: https://www.example.com/
# verdict: warn
# cause: tcp.partial-backends warn proven 203.0.113.11
# check: http pass
# healthy: healthy-two-addresses

website server 443 ssl good
further_address 11 reject with tcp reset
resolver --host-record=www.example.com,203.0.113.11
