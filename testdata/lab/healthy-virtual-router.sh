# Two routers share the gateway's address by a virtual link-layer address (RFC 9568), and answer with it and with none of their own; the
# far-away server answers late, so that rung asks who they are.
# target: tcp://203.0.113.10:21
# rights: net_raw
# delay: access 600ms
# verdict: ok
# check: link pass

vsftpd server
neighbour standby 192.168.1.2/24
on cpe ip link set lan address 00:00:5e:00:01:07
on client ip neighbour flush dev eth0
