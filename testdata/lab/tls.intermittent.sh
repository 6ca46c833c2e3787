# A balancer in front of two servers, of which one is gone: every other handshake fails.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.intermittent fail proven
# healthy: healthy-https-haproxy

website server 8443 ssl good
balancing server 'listen site' 'bind :::443 v4v6' 'balance roundrobin' 'tcp-request inspect-delay 5s' \
	'tcp-request content accept if { req.ssl_hello_type 1 }' 'server one 127.0.0.1:8442' 'server two 127.0.0.1:8443'
