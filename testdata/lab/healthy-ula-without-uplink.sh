# The home router hands out local IPv6 addresses (ULA) and has no IPv6 uplink. Everybody uses IPv4 there.
# target: ftp://files46.example.com/
# network: client-public
# verdict: ok

proftpd server
on client ip -6 address flush dev eth0 scope global
on client ip address add fd00:1::10/64 dev eth0
on cpe ip address add fd00:1::1/64 dev lan
on client ip -6 route replace default via fd00:1::1
on cpe ip -6 route delete default
