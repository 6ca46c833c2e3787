# The preferred router filters FTP; the other does not. Its interface is alive: it may be the way, and it may be who asks.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail likely eth0
# healthy: healthy-two-uplinks

vsftpd server
second_uplink
on client ip route add default via 192.168.2.1 metric 500
on cpe nft insert rule inet firewall forward tcp dport 21 drop
