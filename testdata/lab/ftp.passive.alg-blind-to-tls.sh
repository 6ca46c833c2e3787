# The server's firewall opens the data ports that it reads of on the control connection, and cannot read TLS.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.alg-blind-to-tls fail proven
# check: ftp.active pass
# healthy: healthy-nat-helper-ftpes

nat_helper edge
on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server ssl_enable=YES allow_anon_ssl=YES
