# The client's link has one neighbour, and its address no network: as a modem's, or a virtual machine's at a provider.
# target: tcp://files46.example.com:21
# verdict: ok
# check: link pass

vsftpd server
vsftpd6 server
configure client <<-END
	address delete 192.168.1.10/24 dev eth0
	address add 192.168.1.10 peer 192.168.1.1 dev eth0
	route add default via 192.168.1.1
END
