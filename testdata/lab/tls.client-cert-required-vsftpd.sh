# An FTP server that takes customers with a certificate only.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-client-cert-vsftpd

authority Staff
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_cert=YES validate_cert=YES ca_certs_file=$tls/Staff.ca.pem
