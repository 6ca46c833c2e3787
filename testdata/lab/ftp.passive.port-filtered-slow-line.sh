# A line of 300 ms, and a server whose passive ports are closed.
# target: ftp://files.example.com/
# flags: --require both --timeout 5s
# network: client-public
# delay: access 150ms
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# check: ftp.active pass
# healthy: healthy-line-of-300ms-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server
