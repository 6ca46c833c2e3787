# The same with pure-ftpd, for a user who is content with any mode.
# target: ftp://files.example.com/
# flags: --require any
# verdict: warn
# cause: ftp.active.private-address warn proven
# check: ftp.passive pass
# healthy: healthy-both-modes-pureftpd

pureftpd server
