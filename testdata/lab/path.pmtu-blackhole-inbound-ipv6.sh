# The same over IPv6.
# target: https://files6.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1400 edge
mute edge
offloader server "crt $tls/rsa.pem"
