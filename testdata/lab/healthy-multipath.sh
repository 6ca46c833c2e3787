# Connections are spread over two routers, by the addresses alone: all to one server take the same way.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
second_uplink
on client ip route replace default nexthop via 192.168.1.1 nexthop via 192.168.2.1
