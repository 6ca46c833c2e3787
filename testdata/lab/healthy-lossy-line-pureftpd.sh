# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --require both --passive-samples 16
# network: client-public
# verdict: ok

lossy
pureftpd server
