# A balancer none of whose servers is up.
# target: https://www.example.com/
# verdict: warn
# cause: http.server-error warn proven
# healthy: healthy-https-haproxy

balancing server 'listen site' 'mode http' "bind :::443 v4v6 ssl crt $tls/good.pem" 'server one 127.0.0.1:8080'
