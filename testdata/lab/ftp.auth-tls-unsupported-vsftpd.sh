# TLS is wanted, and vsftpd is not configured for it.
# target: ftpes://files.example.com/
# verdict: fail
# cause: ftp.auth-tls-unsupported fail proven
# healthy: healthy-ftpes-vsftpd

vsftpd server
