# Passive mode is switched off in vsftpd.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.passive.refused-by-policy fail proven
# check: ftp.active pass
# healthy: healthy-both-modes-vsftpd

vsftpd server pasv_enable=NO
