# Nobody renewed the certificate: the web server and the FTP server of the host present the same one.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.expired fail likely
# healthy: healthy-same-on-service

website server 443 ssl expired
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
