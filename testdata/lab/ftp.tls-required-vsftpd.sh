# vsftpd accepts logins over TLS only.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.tls-required fail proven
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES force_anon_logins_ssl=YES force_anon_data_ssl=YES
