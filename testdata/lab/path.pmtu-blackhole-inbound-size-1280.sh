# What the server sends goes through a tunnel for packets of 1280 bytes. rung finds the size.
# target: https://www.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# says: packets of up to 1280 bytes pass, those of 1300 bytes do not
# says: MSS 1240 over IPv4
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1280 edge
mute edge
website server 443 ssl rsa
