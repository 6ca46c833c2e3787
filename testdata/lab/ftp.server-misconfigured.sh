# vsftpd refuses to work in a directory that its users may write to: "500 OOPS" after the login.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.server-misconfigured fail proven
# healthy: healthy-both-modes-vsftpd

chown ftp $ftp
vsftpd server
