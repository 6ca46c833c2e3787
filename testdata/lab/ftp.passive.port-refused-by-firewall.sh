# The server's firewall answers the passive ports with ICMP port unreachable.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.passive.port-refused fail proven 198.51.100.18
# check: ftp.active pass
# healthy: healthy-both-modes-proftpd

on edge nft insert rule inet firewall forward iifname wan tcp dport 50000-50099 reject with icmpx port-unreachable
proftpd server
