# The server is in the client's own network, and the target is the router's public address. The router turns connections to it
# around for port 21 alone: the answers to data connections come from the server's own address, and the client does not know them.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: server-nat
# verdict: fail
# cause: ftp.passive.hairpin fail likely
# cause: ftp.active.private-address info proven
# healthy: healthy-hairpin

client_inside
vsftpd server pasv_address=203.0.113.10
