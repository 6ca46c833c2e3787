# The user wants to leave by an interface whose gateway is not there. Another would do, which is not what was asked.
# target: ftp://203.0.113.10/
# flags: --interface eth1 --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 192.168.2.254
# healthy: healthy-interface-address

vsftpd server
second_uplink
on client ip route add default via 192.168.2.254 metric 700
