# vsftpd refuses to work in a directory that its users may write to, and says so in plain text, into the TLS of the control connection.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.server-misconfigured fail proven
# healthy: healthy-ftpes-vsftpd

chown ftp $ftp
vsftpd server ssl_enable=YES allow_anon_ssl=YES
