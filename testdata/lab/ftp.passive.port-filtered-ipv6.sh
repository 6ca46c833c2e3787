# The same over IPv6.
# target: ftp://files6.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven
# check: ftp.active pass
# healthy: healthy-ipv6-literal

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd6 server
