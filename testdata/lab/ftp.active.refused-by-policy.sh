# vsftpd has active mode switched off, as many do. Nobody needs it.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok
# cause: ftp.active.refused-by-policy info proven
# check: ftp.passive pass
# check: ftp.active fail
# healthy: healthy-both-modes-vsftpd

vsftpd server port_enable=NO
