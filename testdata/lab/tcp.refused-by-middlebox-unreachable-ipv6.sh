# The firewall before the server rejects one port with "no route", over IPv6; another port of the same host answers.
# target: ftp://files6.example.com/
# verdict: fail
# cause: tcp.refused-by-middlebox fail proven
# healthy: healthy-ipv6-only

vsftpd6 server
offloader server "crt $tls/good.pem"
on edge nft insert rule inet firewall forward iifname wan tcp dport 21 reject with icmpv6 no-route
