# The driver says that the interface still waits for 802.1X, and packets pass all the same.
# target: tcp://203.0.113.10:21
# verdict: ok
# check: link pass

vsftpd server
on client ip link set eth0 mode dormant
on client ip link set eth0 state dormant
