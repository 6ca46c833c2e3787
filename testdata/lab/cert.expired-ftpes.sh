# The FTP server's certificate has expired.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.expired fail likely
# check: ftp.tls pass
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
