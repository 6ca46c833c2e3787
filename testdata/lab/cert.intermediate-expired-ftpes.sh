# The intermediate certificate that the FTP server sends has expired; its own has not.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.intermediate-expired fail likely CN=Lab Intermediate 2
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired-intermediate.pem
