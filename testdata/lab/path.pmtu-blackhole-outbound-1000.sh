# A tunnel so narrow that segments made for IPv6's smallest MTU do not fit through.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-outbound fail proven
# healthy: healthy-small-mtu

narrow 1000 isp
mute isp
website server 443 ssl good
