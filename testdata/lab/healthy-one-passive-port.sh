# The server uses one passive port, and the firewall admits that and port 21.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

on edge nft flush set inet firewall open
on edge nft add element inet firewall open '{ 21, 50007 }'
vsftpd server pasv_min_port=50007 pasv_max_port=50007
