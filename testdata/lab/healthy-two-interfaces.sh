# Two interfaces with an address each, of which one has no carrier and the other leads nowhere: a third one is used.
# target: tcp://203.0.113.10:21
# verdict: ok
# check: link pass

vsftpd server
configure client <<-END
	link add eth1 type veth peer name far1
	link add eth2 type veth peer name far2
	address add 10.1.0.1/24 dev eth1
	address add 10.2.0.1/24 dev eth2
	link set eth1 up
	link set far1 up
	link set eth2 up
END
