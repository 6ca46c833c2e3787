# Replies fit through the tunnel; the server's certificates after AUTH TLS do not.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# healthy: healthy-small-mtu-ftpes

rsa_certificate {a..z}.files.example.com
narrow 1400 edge
mute edge
vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/rsa.pem
