# The balancer takes the connection, reads the ClientHello, and the server behind it refuses.
# target: tls://files.example.com:443
# verdict: fail
# cause: tls.closed fail proven
# healthy: healthy-tls

balancing server 'listen site' 'bind :::443 v4v6' 'tcp-request inspect-delay 5s' \
	'tcp-request content accept if { req.ssl_hello_type 1 }' 'server one 127.0.0.1:8443'
