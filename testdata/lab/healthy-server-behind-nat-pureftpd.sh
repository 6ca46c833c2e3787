# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --require both
# network: server-nat client-public
# verdict: ok

pureftpd server --forcepassiveip=203.0.113.10
