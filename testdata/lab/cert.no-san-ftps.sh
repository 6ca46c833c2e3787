# The FTP server has a certificate of the old kind, without a subject alternative name.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.no-san fail proven
# healthy: healthy-ftps-vsftpd

vsftpd server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/no-san.pem
