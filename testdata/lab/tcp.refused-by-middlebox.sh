# The server's firewall answers for the server: ICMP port unreachable, with its own address.
# target: ftp://files.example.com/
# verdict: fail
# cause: tcp.refused-by-middlebox fail proven 198.51.100.18
# healthy: healthy-vsftpd

vsftpd server
on edge nft insert rule inet firewall forward iifname wan tcp dport 21 reject with icmpx port-unreachable
