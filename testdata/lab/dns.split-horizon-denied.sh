# The first of two resolvers says that there is no such name, and the second has it: one filters, or is out of date.
# target: https://www.example.com/
# verdict: fail
# cause: dns.split-horizon fail likely 198.51.100.54
# check: dns fail
# healthy: healthy-content-network

website server 443 ssl good
further_resolver 198.51.100.54
nameservers 198.51.100.54 198.51.100.53
