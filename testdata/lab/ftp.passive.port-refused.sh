# A container publishes port 21 alone: its machine answers the passive ports with a reset.
# target: ftp://files.example.com/
# network: server-nat
# verdict: fail
# cause: ftp.passive.port-refused fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-server-behind-nat

on edge nft delete element inet firewall open '{ 50000-50099 }'
on edge nft flush chain inet firewall input
vsftpd server pasv_address=203.0.113.10
