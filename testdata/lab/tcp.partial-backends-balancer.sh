# A balancer hands connections to two servers by turns. On one of them the service is dead.
# target: tls://files.example.com:443
# network: server-nat
# verdict: warn
# cause: tcp.partial-backends warn proven 203.0.113.10:443
# check: tls.handshake pass
# healthy: healthy-two-servers

second_server
balance numgen inc mod 2 offset 0
offloader server2 "crt $tls/good.pem"
