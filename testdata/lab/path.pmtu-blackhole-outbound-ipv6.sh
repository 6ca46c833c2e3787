# The same over IPv6, where no router could divide a packet.
# target: https://files6.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# healthy: healthy-small-mtu

narrow 1400 isp edge
mute isp
offloader server "crt $tls/good.pem"
