# The same for what the client sends, over IPv6.
# target: https://files6.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# says: packets of up to 1440 bytes pass, those of 1450 bytes do not
# says: MSS 1380 over IPv6
# healthy: healthy-small-mtu

narrow 1440 isp
mute isp
offloader server "crt $tls/good.pem"
