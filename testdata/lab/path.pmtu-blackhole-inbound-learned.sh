# The tunnel is narrow either way. Of its own large packets the client is told, and announces smaller segments from its second
# connection on; the server is not told.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail likely
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1400 isp edge
mute edge
website server 443 ssl rsa
