# Both data modes over IPv6.
# target: ftp://files6.example.com/
# flags: --require both
# network: client-public
# verdict: ok

vsftpd6 server
