# The server knows no PASV. EPSV is enough.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

vsftpd server cmds_denied=PASV
