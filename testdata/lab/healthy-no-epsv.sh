# The server knows PASV alone, as old ones do, and announces the right address.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok
# cause: ftp.passive.epsv-unsupported info proven

vsftpd server cmds_denied=EPSV
