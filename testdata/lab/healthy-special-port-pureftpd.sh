# The same with pure-ftpd and the port of PPTP.
# target: ftp://files.example.com/
# flags: --require both --passive-samples 40
# network: client-public
# verdict: ok

on edge nft add element inet firewall open '{ 1721-1725 }'
pureftpd server --passiveportrange=1721:1725
