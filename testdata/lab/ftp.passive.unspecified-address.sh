# The server announces 0.0.0.0. EPSV, which announces no address, works.
# target: ftp://files.example.com/
# network: client-public
# verdict: warn
# cause: ftp.passive.unspecified-address warn proven
# healthy: healthy-both-modes-vsftpd

vsftpd server pasv_address=0.0.0.0
