# The gateway is not there. Anchors that are silent say nothing more.
# target: tcp://203.0.113.10:21
# flags: --anchor 198.51.100.88 --anchor 192.0.2.88:80 --timeout 4s
# verdict: fail
# cause: route.gateway-unreachable fail proven
# healthy: healthy-anchors

anchor_hosts
vsftpd server
on cpe ip address flush dev lan
