# A tunnel on the way to the server is narrower than what leads to it, and the provider says nothing of packets that do not fit.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# healthy: healthy-small-mtu

narrow 1400 isp edge
mute isp
website server 443 ssl good
