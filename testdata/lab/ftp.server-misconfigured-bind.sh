# vsftpd's only passive port is another program's: "500 OOPS: vsf_sysutil_bind".
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.server-misconfigured fail proven
# healthy: healthy-both-modes-vsftpd

sshd server 50000
vsftpd server pasv_min_port=50000 pasv_max_port=50000
