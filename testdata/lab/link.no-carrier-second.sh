# The server is reached by a second interface, whose cable is out; the resolver answers by the first.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: link.no-carrier fail proven eth1
# healthy: healthy-vsftpd

on client ip link add eth1 type veth peer name far1
on client ip link set eth1 up
on client ip address add 192.168.9.2/24 dev eth1
on client ip link set far1 up
on client ip route add 203.0.113.0/24 via 192.168.9.1
on client ip link set far1 down
