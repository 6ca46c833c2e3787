# The firewall admits port 21, and says that the passive ports are forbidden.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.passive.port-rejected fail proven 198.51.100.18
# healthy: healthy-both-modes-vsftpd

on edge nft insert rule inet firewall forward iifname wan tcp dport 50000-50099 reject with icmpx admin-prohibited
vsftpd server
