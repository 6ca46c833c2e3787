# The same with pure-ftpd, for a user who is content with any mode.
# target: ftp://files.example.com/
# flags: --timeout 3s --require any
# network: client-public
# verdict: warn
# cause: ftp.passive.port-filtered warn proven
# check: ftp.active pass
# healthy: healthy-both-modes-pureftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
pureftpd server
