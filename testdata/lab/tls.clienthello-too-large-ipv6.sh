# The same over IPv6, in front of a balancer.
# target: https://files6.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.clienthello-too-large fail proven
# healthy: healthy-https-haproxy

on edge nft insert rule inet firewall forward iifname wan tcp dport 443 @ih,0,16 0x1603 @ih,24,16 '>' 1400 drop
offloader server "crt $tls/good.pem"
