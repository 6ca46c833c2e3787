# The FTP server does not send the intermediate certificate; the authority has it.
# target: ftpes://files.example.com/
# flags: --fetch-issuers
# network: client-public
# verdict: fail
# cause: cert.incomplete-chain fail proven
# healthy: healthy-ftpes-vsftpd

pki
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/leaf-der.pem
