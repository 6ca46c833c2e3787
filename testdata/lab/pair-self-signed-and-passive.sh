# Two faults: the certificate is signed by itself, and the firewall drops the passive ports.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: cert.self-signed fail proven
# cause: ftp.passive.port-filtered fail proven
# healthy: healthy-ftpes-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/self-signed.pem
