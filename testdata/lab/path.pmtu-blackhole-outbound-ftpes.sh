# Commands fit through the tunnel; the ClientHello after AUTH TLS does not.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# healthy: healthy-small-mtu-ftpes

narrow 1400 isp
mute isp
vsftpd server ssl_enable=YES allow_anon_ssl=YES
