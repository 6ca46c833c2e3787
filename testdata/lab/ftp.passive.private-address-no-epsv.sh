# The server behind NAT announces the address that it has at home, and knows no EPSV.
# target: ftp://files.example.com/
# network: server-nat
# verdict: fail
# cause: ftp.passive.private-address fail proven
# cause: ftp.passive.epsv-unsupported info proven
# cause: ftp.active.private-address info proven
# check: ftp.passive fail
# healthy: healthy-server-behind-nat

vsftpd server cmds_denied=EPSV
