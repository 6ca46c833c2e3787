# The web server of the host has a good certificate, which is for other names: nothing says that the FTP server's was renewed.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.expired fail likely
# healthy: healthy-same-on-service

website server 443 ssl other-name
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
