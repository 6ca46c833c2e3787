# The same VPN is only the second choice: the default route by the cable has the better metric.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: ok
# cause: ftp.active.private-address info proven
# check: ftp.passive pass

vsftpd server
dead_vpn
on client ip route add default dev vpn0 metric 2000
