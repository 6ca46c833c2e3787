# The client's address is on a bridge, as on a host of virtual machines; and a bridge for containers has no port.
# target: tcp://files.example.com:21
# verdict: ok
# check: link pass

vsftpd server
bridged
configure client <<-END
	link add docker0 type bridge
	address add 172.17.0.1/16 dev docker0
	link set docker0 up
END
