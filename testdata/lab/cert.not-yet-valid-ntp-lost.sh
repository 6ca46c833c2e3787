# The FTP server's certificate is not valid yet; the time server says that it is, and that it has lost the time.
# target: ftpes://files.example.com/
# flags: --ntp ntp.example.com
# network: client-public
# verdict: fail
# cause: cert.not-yet-valid fail likely
# healthy: healthy-ftpes-vsftpd

timeserver 72h unsynchronized
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/not-yet-valid.pem
