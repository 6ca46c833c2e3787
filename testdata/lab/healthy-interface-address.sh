# The interface is named by its address, and what leaves by the other is lost.
# target: ftp://203.0.113.10/
# flags: --interface 192.168.2.10
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
second_uplink
on client ip route add default via 192.168.2.1 metric 700
on cpe nft insert rule inet firewall forward drop
