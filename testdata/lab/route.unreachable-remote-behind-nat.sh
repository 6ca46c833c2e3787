# The router before the server forwards the port to a machine that is off. Its errors bear the public address.
# target: ftp://files.example.com/
# flags: --timeout 6s
# network: server-nat client-public
# verdict: fail
# cause: route.unreachable-remote fail proven 203.0.113.10
# healthy: healthy-server-behind-nat

on edge nft insert rule inet firewall forwarding ip daddr 203.0.113.10 tcp dport 21 dnat ip to 10.88.1.99
vsftpd server pasv_address=203.0.113.10
