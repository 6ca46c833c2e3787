# Over IPv6, a router advertises itself on the second network card with the better metric, and leads nowhere.
# target: ftp://[2001:db8:2::10]/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven eth1
# healthy: healthy-ipv6-literal

vsftpd6 server
second_uplink
on client ip -6 route add default via 2001:db8:3::1 dev eth1 metric 50
on cpe2 nft insert rule inet firewall forward drop
