# The application behind the balancer hangs.
# target: https://www.example.com/
# verdict: warn
# cause: http.server-error warn proven
# healthy: healthy-https-haproxy

website server 8080
await
kill -STOP $!
balancing server 'listen site' 'mode http' 'timeout server 1s' "bind :::443 v4v6 ssl crt $tls/good.pem" 'server one 127.0.0.1:8080'
