# https:// at the port of an FTP server with implicit TLS.
# target: https://files.example.com:990/
# verdict: fail
# cause: http.not-http fail proven
# healthy: healthy-https

vsftpd server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES
