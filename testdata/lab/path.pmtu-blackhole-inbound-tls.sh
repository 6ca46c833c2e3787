# The same in front of a service of which rung knows no protocol.
# target: tls://files.example.com:443
# flags: --timeout 3s
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# healthy: healthy-small-mtu

rsa_certificate {a..z}.files.example.com
narrow 1400 edge
mute edge
website server 8080
stunnel server "cert = $tls/rsa.pem" '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
