# vsftpd wants no TLS of anonymous users: 530 to USER.
# target: ftpes://files.example.com/
# verdict: warn
# cause: ftp.auth-rejected warn proven
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES
