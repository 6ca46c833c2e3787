# What is left of a VPN is a route to the server's network alone.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven vpn0
# healthy: healthy-vpn-elsewhere

vsftpd server
dead_vpn
on client ip route add 203.0.113.0/25 dev vpn0
