# An FTP server with an RSA key of 1024 bits.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: cert.weak warn proven
# healthy: healthy-ftpes-rsa

openssl_default 'CipherString = DEFAULT@SECLEVEL=0'
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/rsa1024.pem
