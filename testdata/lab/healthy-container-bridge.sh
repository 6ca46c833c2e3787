# Bridges of containers: one with somebody on it, one without.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
configure client <<-END
	link add docker0 type bridge
	link add br-1 type bridge
	link add veth1 type veth peer name veth2
	link set veth1 master br-1 up
	link set veth2 up
	link set docker0 up
	link set br-1 up
	address add 172.17.0.1/16 dev docker0
	address add 172.18.0.1/16 dev br-1
END
