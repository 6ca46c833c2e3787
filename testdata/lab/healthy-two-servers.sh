# A balancer hands connections to two servers by turns.
# target: tls://files.example.com:443
# network: server-nat
# verdict: ok

second_server
balance numgen inc mod 2
offloader server "crt $tls/good.pem"
offloader server2 "crt $tls/good.pem"
