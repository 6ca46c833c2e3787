# The certificate was renewed, and vsftpd still presents the old one, which has expired.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.stale-on-service fail proven
# healthy: healthy-same-on-service

website server 443 ssl good
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
