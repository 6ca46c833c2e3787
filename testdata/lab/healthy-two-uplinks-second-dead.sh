# The second uplink is dead, and only the second choice.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
second_uplink
on client ip route add default via 192.168.2.1 metric 500
on cpe2 nft insert rule inet firewall forward drop
