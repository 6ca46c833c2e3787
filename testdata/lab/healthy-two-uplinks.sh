# Two routers, each with a default route: the one with the better metric works, and so does the other.
# target: ftp://203.0.113.10/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
second_uplink
prefer 50 via 192.168.2.1
