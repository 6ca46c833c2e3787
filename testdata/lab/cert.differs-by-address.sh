# Two addresses of a name present two certificates, both good: no fault, and worth knowing.
# target: tls://files46.example.com:443
# flags: --all-addresses
# verdict: ok
# cause: cert.differs-by-address info proven
# healthy: healthy-leaf-per-address

website server 80
stunnel server '[four]' 'accept = 203.0.113.10:443' "cert = $tls/good.pem" 'connect = 127.0.0.1:80' \
	'[six]' 'accept = 2001:db8:2::10:443' "cert = $tls/other-good.pem" 'connect = 127.0.0.1:80'
