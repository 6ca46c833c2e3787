# The server's firewall drops over IPv6, the only family that was asked for. Another port of the host refuses from behind it.
# target: ftp://[2001:db8:2::10]/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 2001:db8:b::2 or 2001:db8:2::10 or the way back
# healthy: healthy-ipv6-literal

vsftpd6 server
on edge nft delete element inet firewall open '{ 21 }'
