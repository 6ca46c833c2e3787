# The second network card has a default route with the better metric, by a gateway that is not there.
# target: ftp://203.0.113.10/
# flags: --timeout 5s
# verdict: fail
# cause: route.wrong-interface fail proven eth1
# check: gateway fail
# healthy: healthy-two-uplinks

vsftpd server
second_uplink
prefer 50 via 192.168.2.254
