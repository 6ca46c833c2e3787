# The firewall before the server rejects one port with "host unreachable"; another port of the same host answers.
# target: ftp://files.example.com/
# verdict: fail
# cause: tcp.refused-by-middlebox fail proven 198.51.100.18
# healthy: healthy-vsftpd

vsftpd server
offloader server "crt $tls/good.pem"
on edge nft insert rule inet firewall forward iifname wan tcp dport 21 reject with icmp host-unreachable
