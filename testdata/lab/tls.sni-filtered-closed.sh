# A router of names: the server that has ours is down, and the others are not.
# target: https://www.example.com/
# verdict: fail
# cause: tls.sni-filtered fail likely
# healthy: healthy-https-haproxy

website server 8443 ssl other-name
balancing server 'listen site' 'bind :::443 v4v6' 'tcp-request inspect-delay 5s' \
	'tcp-request content accept if { req.ssl_hello_type 1 }' 'use-server ours if { req.ssl_sni -i www.example.com }' \
	'server ours 127.0.0.1:8444 weight 0' 'server others 127.0.0.1:8443'
