# All is well, and the way is to be traced all the same.
# target: ftp://files.example.com/
# flags: --trace-path
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
