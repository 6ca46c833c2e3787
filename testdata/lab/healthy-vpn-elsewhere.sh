# A VPN for other networks, which keeps packets to a third from leaving by any other way.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
dead_vpn
on client ip route add 10.0.0.0/8 dev vpn0
on client ip route add blackhole 172.16.0.0/12
on client ip route add unreachable 203.0.113.128/25
on client ip -6 route add prohibit fd00::/8 metric 10
