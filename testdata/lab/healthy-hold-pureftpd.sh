# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --hold 4s --require both
# network: client-public
# verdict: ok

pureftpd server
