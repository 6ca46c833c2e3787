# Two faults: the first resolver is down, and the server's firewall drops its passive ports.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: dns.resolver-timeout warn proven 198.51.100.99
# cause: ftp.active.private-address info proven
# cause: ftp.passive.port-filtered fail proven
# healthy: healthy-vsftpd

vsftpd server
nameservers 198.51.100.99 198.51.100.53
mangle isp 'ip daddr 198.51.100.99 drop'
on isp ip route add 198.51.100.99/32 via 198.51.100.18
on edge nft delete element inet firewall open '{ 50000-50099 }'
