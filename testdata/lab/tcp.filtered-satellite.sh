# The server's firewall drops, at the end of a line with a round trip of 1.2 seconds: the last router that answers is the one before it.
# target: ftp://files.example.com/
# delay: access 600ms
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# healthy: healthy-vsftpd

vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
