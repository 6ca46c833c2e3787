# The router lets one of the client's two addresses out, and the user names it.
# target: ftp://files.example.com/
# flags: --source 192.168.1.20
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
on client ip address add 192.168.1.20/24 dev eth0
on cpe nft insert rule inet firewall forward ip saddr 192.168.1.10 tcp dport 21 drop
