# The server announces its private address, and its router, which reads FTP, replaces it and opens the port announced. No
# passive range is forwarded, and none is needed.
# target: ftp://files.example.com/
# network: server-nat
# verdict: ok
# cause: ftp.active.private-address info proven

nat_helper edge
on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server
