# The server's firewall drops whatever comes, and nothing else was asked: it might as well be the client's own provider.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail likely behind 198.51.100.18
# healthy: healthy-literal

vsftpd server
on edge nft flush set inet firewall open
