# An FTP server that takes the key exchange by RSA only, without forward secrecy.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-ftpes-rsa

rsa_certificate
openssl_default 'MaxProtocol = TLSv1.2'
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/rsa.pem ssl_ciphers=AES256-SHA256:AES128-GCM-SHA256
