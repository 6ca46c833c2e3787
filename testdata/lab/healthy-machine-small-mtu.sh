# The client's own network: the MTU of a VPN.
# target: -
# flags: --anchor 203.0.113.10:21
# verdict: ok
# check: anchor pass

vsftpd server
on client ip link set eth0 mtu 1400
