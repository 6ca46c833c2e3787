# The same name over IPv6.
# target: tls://files6.example.com:443
# flags: --timeout 3s
# verdict: fail
# cause: tls.sni-filtered fail proven
# healthy: healthy-https-censored

censor drop files6.example.com
website server 8080
stunnel server "cert = $tls/good.pem" '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
