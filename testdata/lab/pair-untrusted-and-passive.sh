# Two faults: a private CA, and a passive range that the firewall has forgotten.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: cert.untrusted-root fail proven
# cause: ftp.passive.port-filtered fail proven
# healthy: healthy-ftpes-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/private-root.pem
