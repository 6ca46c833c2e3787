# An FTP server whose certificate is for a thousand names.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/thousand-names.pem
