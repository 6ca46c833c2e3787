# The server announces its private address, and its router, which reads FTP, repairs that and opens the port: without TLS.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.alg-blind-to-tls fail proven
# cause: ftp.passive.private-address fail proven
# cause: ftp.passive.alg-rewrite warn proven
# healthy: healthy-nat-helper-at-server-pureftpd

nat_helper edge
on edge nft delete element inet firewall open '{ 50000-50099 }'
pureftpd server --tls=1
