# The server was given a hundred passive ports, and the firewall's rule is still about the fifty of before.
# target: ftp://files.example.com/
# flags: --timeout 1s --passive-samples 16
# network: client-public
# verdict: fail
# cause: ftp.passive.range-partly-open fail proven
# check: ftp.active pass
# healthy: healthy-both-modes-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
on edge nft add element inet firewall open '{ 50000-50049 }'
vsftpd server
