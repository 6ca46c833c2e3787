# A VPN has ended and its default route stayed, with a better metric than the one by the cable: questions to the resolver are lost, too.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven vpn0
# check: dns fail
# healthy: healthy-vpn-metric

vsftpd server
dead_vpn
prefer 50 dev vpn0
