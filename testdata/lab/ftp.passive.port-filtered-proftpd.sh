# The same with proftpd and a client with a public address: active mode works.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven
# check: ftp.active pass
# healthy: healthy-both-modes-proftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
proftpd server
