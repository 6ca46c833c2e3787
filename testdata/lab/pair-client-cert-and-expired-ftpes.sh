# The same over explicit FTPS, without a login.
# target: ftpes://files.example.com/
# flags: --no-login
# network: client-public
# verdict: fail
# cause: tls.client-cert-required fail proven
# cause: cert.expired fail likely
# healthy: healthy-ftpes-vsftpd

authority Staff
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_cert=YES validate_cert=YES ca_certs_file=$tls/Staff.ca.pem rsa_cert_file=$tls/expired.pem
