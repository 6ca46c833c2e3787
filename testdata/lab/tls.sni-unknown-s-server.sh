# The server refuses every name but one, and answers whoever says none.
# target: https://www.example.com/
# verdict: fail
# cause: tls.sni-unknown fail proven
# healthy: healthy-https-s-server

s_server server 443 good -servername shop.example.com -servername_fatal -cert2 $tls/good.pem -key2 $tls/good.pem
