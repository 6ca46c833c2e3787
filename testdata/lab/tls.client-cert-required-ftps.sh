# Implicit TLS 1.2, and a server that asks for a certificate.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-ftps-proftpd

authority Staff
proftpd server 'Port 990' "$(proftpd_tls good)" 'TLSOptions UseImplicitSSL' 'TLSProtocol TLSv1.2' \
	'TLSVerifyClient on' "TLSCACertificateFile $tls/Staff.ca.pem"
