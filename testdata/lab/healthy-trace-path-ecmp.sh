# The provider spreads connections over two ways of different length: the same TTL meets several routers, and the server.
# target: ftp://203.0.113.10/
# flags: --trace-path
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
detour
on isp bash -c 'echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
on isp ip route change 203.0.113.0/24 nexthop via 198.51.100.18 nexthop via 198.51.100.34
