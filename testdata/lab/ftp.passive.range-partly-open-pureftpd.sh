# A container publishes half of pure-ftpd's passive ports: its machine answers the rest with a reset.
# target: ftp://files.example.com/
# flags: --passive-samples 16
# network: server-nat
# verdict: fail
# cause: ftp.passive.range-partly-open fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-server-behind-nat-pureftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
on edge nft add element inet firewall open '{ 50000-50049 }'
on edge nft flush chain inet firewall input
pureftpd server --forcepassiveip=203.0.113.10
