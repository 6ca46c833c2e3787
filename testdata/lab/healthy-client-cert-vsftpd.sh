# An FTP server for customers with a certificate, on data connections as well.
# target: ftpes://files.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# network: client-public
# verdict: ok

authority Staff
issue Staff alice -addext extendedKeyUsage=clientAuth
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_cert=YES validate_cert=YES ca_certs_file=$tls/Staff.ca.pem
