# An FTP server after AUTH TLS with the certificate of another host.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.name-mismatch fail proven
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/other-name.pem
