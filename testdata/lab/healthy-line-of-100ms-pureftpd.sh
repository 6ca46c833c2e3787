# Every round trip takes 100 ms, to the resolver as well: the line on which the benchmark counts them.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# delay: access 50ms
# verdict: ok

pureftpd server
