# A tunnel on the way of an FTP session, and routers that say what fits through it.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok

rsa_certificate {a..z}.files.example.com
narrow 1400 isp edge
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/rsa.pem
