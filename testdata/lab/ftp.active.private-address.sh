# A client behind NAT that depends on active mode.
# target: ftp://files.example.com/
# flags: --require active
# verdict: fail
# cause: ftp.active.private-address fail proven
# check: ftp.passive pass
# check: ftp.active fail
# healthy: healthy-nat-helper

vsftpd server
