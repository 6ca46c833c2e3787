# The same with pure-ftpd.
# target: ftp://files.example.com/
# network: server-nat
# verdict: ok
# cause: ftp.active.private-address info proven

client_inside
on edge nft add rule inet firewall translation oifname dmz ip saddr 10.88.1.0/24 masquerade
pureftpd server --forcepassiveip=203.0.113.10
