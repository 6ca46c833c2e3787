# The server announces the public address that it had before it moved. Its ports are open where it is now.
# target: ftp://files.example.com/
# network: client-public
# verdict: warn
# cause: ftp.passive.foreign-address warn proven
# healthy: healthy-both-modes-vsftpd

vsftpd server pasv_address=198.51.100.99
