# A server with an RSA key.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

rsa_certificate
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/rsa.pem
