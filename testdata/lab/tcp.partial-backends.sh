# The name has two addresses. What is sent to one of them is dropped.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: warn
# cause: tcp.partial-backends warn proven 203.0.113.11
# check: tcp 203.0.113.11 fail
# check: tcp 203.0.113.10 pass
# check: http pass
# healthy: healthy-two-addresses

website server 443 ssl good
further_address 11 drop
resolver --host-record=www.example.com,203.0.113.11
