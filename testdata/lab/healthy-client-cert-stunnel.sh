# Our certificate, shown with TLS 1.2 to a service of which rung knows no protocol.
# target: tls://files.example.com:443
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# verdict: ok

authority Staff
issue Staff alice -addext extendedKeyUsage=clientAuth
website server 8080
stunnel server "cert = $tls/good.pem" "CAfile = $tls/Staff.ca.pem" 'verifyChain = yes' \
	'sslVersion = TLSv1.2' '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
