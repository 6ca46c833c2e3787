# An FTP server with such a certificate.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.self-signed fail proven
# cause: cert.name-mismatch fail proven
# cause: cert.expired fail likely
# cause: cert.weak warn proven
# healthy: healthy-ftpes-vsftpd

openssl_default 'CipherString = DEFAULT@SECLEVEL=0'
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/self-signed-localhost.pem
