# The FTP server's certificate has expired, and a time server agrees with this machine's clock.
# target: ftpes://files.example.com/
# flags: --ntp ntp.example.com
# network: client-public
# verdict: fail
# cause: cert.expired fail proven
# healthy: healthy-ftpes-vsftpd

timeserver 0s
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
