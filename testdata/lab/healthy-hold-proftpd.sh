# The same with proftpd.
# target: ftp://files.example.com/
# flags: --hold 4s --require both
# network: client-public
# verdict: ok

proftpd server
