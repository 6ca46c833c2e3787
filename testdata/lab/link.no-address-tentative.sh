# The client has just come to the network: its IPv6 address is still tentative, and it has no other.
# target: tcp://files6.example.com:21
# verdict: fail
# cause: link.no-address fail proven eth0
# healthy: healthy-address-detection

vsftpd6 server
on client ip address delete 192.168.1.10/24 dev eth0
on client bash -c 'echo 1 >/proc/sys/net/ipv6/conf/eth0/accept_dad; echo 600 >/proc/sys/net/ipv6/conf/eth0/dad_transmits'
on client ip address delete 2001:db8:1::10/64 dev eth0
on client ip address add 2001:db8:1::10/64 dev eth0
nameservers 2001:db8:53::53
