# The same with proftpd, and a firewall that refuses the rest with a reset.
# target: ftp://files.example.com/
# flags: --passive-samples 16
# network: client-public
# verdict: fail
# cause: ftp.passive.range-partly-open fail proven
# check: ftp.active pass
# healthy: healthy-both-modes-proftpd

on edge nft insert rule inet firewall forward iifname wan tcp dport 50050-50099 reject with tcp reset
proftpd server
