# What the server sends goes through a tunnel for packets of 1400 bytes. rung finds the size.
# target: https://www.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# says: packets of up to 1400 bytes pass, those of 1410 bytes do not
# says: MSS 1360 over IPv4
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1400 edge
mute edge
website server 443 ssl rsa
