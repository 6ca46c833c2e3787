# The server behind NAT announces the address that it has at home. EPSV, which announces none, works.
# target: ftp://files.example.com/
# network: server-nat
# verdict: warn
# cause: ftp.passive.private-address warn proven
# cause: ftp.active.private-address info proven
# check: ftp.passive warn
# healthy: healthy-server-behind-nat

vsftpd server
