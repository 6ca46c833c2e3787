# The same with proftpd and a client with a public address.
# target: ftp://files.example.com/
# flags: --require both
# network: server-nat client-public
# verdict: ok

proftpd server 'MasqueradeAddress 203.0.113.10'
