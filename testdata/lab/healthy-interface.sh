# The default route is that of a dead VPN; the user says by which interface to leave.
# target: ftp://files.example.com/
# flags: --interface eth1 --timeout 4s
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
second_uplink
dead_vpn
prefer 50 dev vpn0
on client ip route add default via 192.168.2.1 metric 700
on client ip route add 198.51.100.53 via 192.168.1.1
