# The same for what the server sends.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1000 edge
mute edge
website server 443 ssl rsa
