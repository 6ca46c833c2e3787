# The same machine, and the server's firewall has no place for FTP: no bridge is another way there.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: tcp.filtered fail proven
# healthy: healthy-container-bridge

vsftpd server
configure client <<-END
	link add br-1 type bridge
	link add veth1 type veth peer name veth2
	link set veth1 master br-1 up
	link set veth2 up
	link set br-1 up
	address add 172.18.0.1/16 dev br-1
END
on edge nft delete element inet firewall open '{ 21 }'
