# The server's firewall has no place for FTP, by whichever of two uplinks it comes.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: tcp.filtered fail proven
# healthy: healthy-two-uplinks-second-dead

vsftpd server
second_uplink
on client ip route add default via 192.168.2.1 metric 500
on edge nft delete element inet firewall open '{ 21 }'
