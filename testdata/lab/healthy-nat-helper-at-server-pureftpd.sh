# The same with pure-ftpd, which offers TLS to those who want it. The target does without.
# target: ftp://files.example.com/
# network: server-nat client-public
# verdict: ok

nat_helper edge
on edge nft delete element inet firewall open '{ 50000-50099 }'
pureftpd server --tls=1
