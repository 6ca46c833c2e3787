# The server's firewall opens the data ports that it reads of, after EPSV and PASV.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

nat_helper edge
on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server
