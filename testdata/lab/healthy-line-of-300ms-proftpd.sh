# The same with proftpd.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# delay: access 150ms
# verdict: ok

proftpd server
