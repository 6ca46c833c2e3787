# A router of names that has no server for ours, and closes.
# target: https://www.example.com/
# verdict: fail
# cause: tls.closed fail proven
# healthy: healthy-https-haproxy

website server 8443 ssl other-name
balancing server 'listen site' 'bind :::443 v4v6' 'tcp-request inspect-delay 5s' \
	'tcp-request content accept if { req.ssl_sni -i shop.example.net }' \
	'tcp-request content reject if { req.ssl_hello_type 1 }' 'server shop 127.0.0.1:8443'
