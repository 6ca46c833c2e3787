# The authority's responder says that the FTP server's certificate was revoked.
# target: ftpes://files.example.com/
# flags: --check-revocation
# network: client-public
# verdict: fail
# cause: cert.revoked fail proven
# healthy: healthy-ftpes-vsftpd

ocsp_responder
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/revoked-asked.pem
