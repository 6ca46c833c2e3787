# Our certificate is one for servers.
# target: tls://files.example.com:443
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# verdict: fail
# cause: tls.client-cert-rejected fail proven
# healthy: healthy-client-cert-stunnel

authority Staff
issue Staff alice -addext extendedKeyUsage=serverAuth
website server 8080
stunnel server "cert = $tls/good.pem" "CAfile = $tls/Staff.ca.pem" 'verifyChain = yes' \
	'sslVersion = TLSv1.2' '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
