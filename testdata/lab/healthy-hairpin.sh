# The server is in the client's own network, and the router turns all connections to its public address around.
# target: ftp://files.example.com/
# network: server-nat
# verdict: ok
# cause: ftp.active.private-address info proven

client_inside
on edge nft add rule inet firewall translation oifname dmz ip saddr 10.88.1.0/24 masquerade
vsftpd server pasv_address=203.0.113.10
