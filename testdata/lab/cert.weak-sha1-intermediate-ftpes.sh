# An FTP server below an intermediate that was signed with SHA-1.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.weak fail proven
# healthy: healthy-ftpes-vsftpd

openssl_default 'CipherString = DEFAULT@SECLEVEL=0'
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/sha1-intermediate.pem
