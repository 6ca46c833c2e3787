# The address is that of two servers at different places: the provider sends each connection to one of them, by its ports.
# target: https://203.0.113.10/
# flags: --trace-path
# verdict: ok
# check: path pass

detour
website server 443 ssl good
website mid 443 ssl good
on mid ip address add 203.0.113.10/32 dev lo
on isp bash -c 'echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
on isp ip route change 203.0.113.0/24 nexthop via 198.51.100.18 nexthop via 198.51.100.34
