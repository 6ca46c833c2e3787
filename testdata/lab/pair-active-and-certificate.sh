# Two faults: the certificate is for another name, and active mode does not work, which the user needs.
# target: ftpes://files.example.com/
# flags: --require both --timeout 3s
# network: client-public
# verdict: fail
# cause: cert.name-mismatch fail proven
# cause: ftp.active.blocked fail likely
# healthy: healthy-ftpes-vsftpd

on edge nft insert rule inet firewall forward iifname dmz meta l4proto tcp ct state new drop
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/other-name.pem
