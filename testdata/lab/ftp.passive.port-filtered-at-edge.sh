# The server's firewall admits port 21, and the passive range was forgotten. The routers before it all answer.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# check: ftp.active pass
# healthy: healthy-both-modes-pureftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
pureftpd server
