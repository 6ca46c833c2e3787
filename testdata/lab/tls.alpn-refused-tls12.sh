# The same with TLS 1.2.
# target: https://files6.example.com/
# verdict: fail
# cause: tls.alpn-refused fail proven
# healthy: healthy-https-s-server

s_server server 443 good -alpn h2 -tls1_2
