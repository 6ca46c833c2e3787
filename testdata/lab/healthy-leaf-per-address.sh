# Two addresses of a name present the same certificate.
# target: tls://files46.example.com:443
# flags: --all-addresses
# verdict: ok

website server 80
stunnel server '[four]' 'accept = 203.0.113.10:443' "cert = $tls/good.pem" 'connect = 127.0.0.1:80' \
	'[six]' 'accept = 2001:db8:2::10:443' "cert = $tls/good.pem" 'connect = 127.0.0.1:80'
