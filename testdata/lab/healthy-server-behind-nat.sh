# The server has a private address, its router forwards the ports, and the server announces the router's public address.
# target: ftp://files.example.com/
# network: server-nat
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server pasv_address=203.0.113.10
