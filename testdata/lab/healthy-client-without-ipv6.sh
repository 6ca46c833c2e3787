# The name has an IPv6 address, the client's network has none. Nobody misses it.
# target: ftp://files46.example.com/
# network: client-public
# verdict: ok

on client ip -6 address flush dev eth0 scope global
on client ip -6 route delete default
vsftpd server
