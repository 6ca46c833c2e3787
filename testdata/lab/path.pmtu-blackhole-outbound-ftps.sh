# The same with implicit TLS.
# target: ftps://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# healthy: healthy-small-mtu-ftpes

narrow 1400 isp
mute isp
vsftpd server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES
