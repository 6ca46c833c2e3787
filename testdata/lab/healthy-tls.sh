# TLS on a port of which rung knows no protocol: stunnel in front of a service.
# target: tls://files.example.com:443
# verdict: ok

website server 8080
stunnel server "cert = $tls/good.pem" '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
