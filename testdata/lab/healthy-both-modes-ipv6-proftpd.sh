# Both data modes over IPv6, with proftpd.
# target: ftp://files6.example.com/
# flags: --require both
# network: client-public
# verdict: ok

proftpd server
