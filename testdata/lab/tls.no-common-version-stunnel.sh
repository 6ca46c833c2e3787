# TLS 1.1 alone, in front of a service that speaks no TLS of its own.
# target: tls://files.example.com:443
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-tls

website server 8080
stunnel server "cert = $tls/good.pem" \
	'sslVersion = TLSv1.1' 'ciphers = ALL:@SECLEVEL=0' '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
