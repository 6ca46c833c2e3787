# What comes from the address on either network card leaves by that card, by tables of their own.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
second_uplink
on client ip route add default via 192.168.1.1 table 100
on client ip route add default via 192.168.2.1 table 200
on client ip rule add from 192.168.1.10 priority 50 lookup 100
on client ip rule add from 192.168.2.10 priority 51 lookup 200
