# One socket for both families: to the server, IPv4 clients are ::ffff:192.0.2.10, and it says so in its replies.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

vsftpd server listen=NO listen_ipv6=YES
