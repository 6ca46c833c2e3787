# A VPN has ended and its default route stayed, with a better metric than the one by the cable: all that goes there is lost. The
# resolver has a route of its own, as VPN clients set it.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven vpn0
# check: tcp fail
# healthy: healthy-vpn-metric

vsftpd server
dead_vpn
prefer 50 dev vpn0
on client ip route add 198.51.100.53 via 192.168.1.1
