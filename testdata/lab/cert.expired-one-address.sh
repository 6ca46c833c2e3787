# The certificate was renewed at one address of the name, and not at the other.
# target: ftpes://files46.example.com/
# flags: --all-addresses
# network: client-public
# verdict: warn
# cause: cert.expired warn likely
# cause: cert.differs-by-address info proven
# check: tls.certificate 203.0.113.10 pass
# check: tls.certificate 2001:db8:2::10 fail
# healthy: healthy-leaf-per-address

vsftpd server ssl_enable=YES allow_anon_ssl=YES
vsftpd6 server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
