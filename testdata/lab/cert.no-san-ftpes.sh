# An FTP server whose certificate has a common name, and no alternative one.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.no-san fail proven
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/no-san.pem
