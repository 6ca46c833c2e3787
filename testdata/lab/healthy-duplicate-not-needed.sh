# Another host has one of the client's two IPv6 addresses; the kernel uses the other.
# target: tcp://files6.example.com:21
# verdict: ok
# check: link pass

vsftpd6 server
neighbour twin 2001:db8:1::77/64
on client ip address add 2001:db8:1::77/64 dev eth0
detect_duplicates 2001:db8:1::77
