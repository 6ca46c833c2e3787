# The server's firewall drops, and no resolver was asked: another port of the host, on which nothing listens, refuses from behind it.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# check: path fail
# healthy: healthy-literal

vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
