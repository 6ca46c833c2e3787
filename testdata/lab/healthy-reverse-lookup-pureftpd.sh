# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

resolving_pureftpd server
