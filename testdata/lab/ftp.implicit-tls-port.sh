# ftp:// at the port that speaks TLS from the first byte.
# target: ftp://files.example.com:990/
# flags: --timeout 3s
# verdict: fail
# cause: ftp.implicit-tls-port fail proven
# healthy: healthy-ftps-vsftpd

vsftpd server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES
