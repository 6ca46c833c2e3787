# A balancer that forwards TCP, and has no server to forward it to.
# target: https://www.example.com/
# verdict: fail
# cause: tls.closed fail proven
# healthy: healthy-https-haproxy

balancing server 'listen site' 'bind :::443 v4v6' 'tcp-request inspect-delay 5s' \
	'tcp-request content accept if { req.ssl_hello_type 1 }'
