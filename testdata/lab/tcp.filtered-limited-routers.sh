# The server's firewall drops. The provider's router sends two ICMP errors a second at the most, to all the world: what it does not say is
# no loss.
# target: ftp://203.0.113.10/
# flags: --timeout 4s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# healthy: healthy-trace-path-limited

vsftpd server
limited isp
on edge nft delete element inet firewall open '{ 21 }'
