# The same with pure-ftpd, which names both addresses: "I won't open a connection to 192.168.1.10 (only to 198.51.100.2)".
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven
# check: ftp.passive pass
# check: ftp.active fail

pureftpd server
