# The same, and IPv4 works.
# target: ftp://files46.example.com/
# flags: --timeout 4s
# verdict: warn
# cause: route.wrong-interface warn proven eth1
# cause: ftp.active.private-address info proven
# healthy: healthy-dual-stack

vsftpd server
vsftpd6 server
second_uplink
on client ip -6 route add default via 2001:db8:3::1 dev eth1 metric 50
on cpe2 nft insert rule inet firewall forward drop
