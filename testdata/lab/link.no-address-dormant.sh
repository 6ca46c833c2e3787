# The port of the switch wants 802.1X first: nothing passes, and so DHCP gave the client no address.
# target: tcp://203.0.113.10:21
# verdict: fail
# cause: link.no-address fail proven eth0
# healthy: healthy-dormant

vsftpd server
on client ip address flush dev eth0 scope global
on client ip link set eth0 mode dormant
on client ip link set eth0 state dormant
