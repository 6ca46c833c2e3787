# An FTP server whose certificate has alternative names, and no subject.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/no-subject.pem
