# The FTP server sends its two intermediate certificates in the wrong order.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok
# cause: cert.chain-disordered info proven
# healthy: healthy-ftpes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/two-disordered.pem
