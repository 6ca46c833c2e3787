# The tunnel is too narrow either way, and nobody says so.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1400 isp edge
mute isp edge
website server 443 ssl rsa
