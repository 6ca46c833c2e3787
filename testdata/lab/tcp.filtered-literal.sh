# The same, and nothing else on the Internet was asked: it might as well be the client's own provider.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail likely
# healthy: healthy-literal

vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
