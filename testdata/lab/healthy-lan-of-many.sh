# A network with other hosts on it, none of which has the client's address, and rung may ask.
# target: tcp://203.0.113.10:21
# rights: net_raw
# delay: access 600ms
# verdict: ok
# check: link pass

vsftpd server
neighbour printer 192.168.1.11/24
neighbour camera 192.168.1.12/24
