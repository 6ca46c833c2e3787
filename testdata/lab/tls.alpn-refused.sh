# A server that speaks HTTP/2 and nothing else, and refuses whoever offers HTTP/1.1.
# target: https://www.example.com/
# verdict: fail
# cause: tls.alpn-refused fail proven
# healthy: healthy-https-s-server

s_server server 443 good -alpn h2
