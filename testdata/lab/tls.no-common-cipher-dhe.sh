# A server from before elliptic curves: DHE with RSA alone.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-ftpes-rsa

rsa_certificate
proftpd server 'LoadModule mod_tls.c' 'TLSEngine on' "TLSRSACertificateFile $tls/rsa.pem" "TLSRSACertificateKeyFile $tls/rsa.pem" \
	'TLSProtocol TLSv1.2' 'TLSCipherSuite DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256'
