# The same with a strict haproxy, over IPv6.
# target: https://[2001:db8:2::10]/
# verdict: fail
# cause: tls.sni-required fail proven
# healthy: healthy-https-address

offloader server "crt $tls/good.pem strict-sni"
