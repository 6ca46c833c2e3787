# Two faults: the server announces the address that it has at home, and its machine refuses the passive ports.
# target: ftpes://files.example.com/
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.private-address fail proven
# cause: ftp.passive.port-refused fail proven
# healthy: healthy-nat-helper-at-server-ftpes-proftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
on edge nft flush chain inet firewall input
proftpd server "$(proftpd_tls good)"
