# The server announces the address that it has at home, and its router does not forward the passive ports either: two faults.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: server-nat
# verdict: fail
# cause: ftp.passive.private-address fail proven
# cause: ftp.passive.port-filtered fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-server-behind-nat

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server
