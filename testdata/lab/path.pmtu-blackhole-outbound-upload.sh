# Logins, replies and a short listing fit through the tunnel; an upload of two segments does not.
# target: ftp://alice@files.example.com/
# flags: --transfer --timeout 3s
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail likely
# check: ftp.passive fail
# healthy: healthy-transfer-small-mtu

chown alice $run/home/alice
narrow 1400 isp
mute isp
vsftpd server write_enable=YES
