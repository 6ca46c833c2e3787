# The authority's revocation list has the FTP server's certificate.
# target: ftps://files.example.com/
# flags: --check-revocation
# network: client-public
# verdict: fail
# cause: cert.revoked fail proven
# healthy: healthy-ftps-proftpd

pki
proftpd server 'Port 990' "$(proftpd_tls revoked-listed)" 'TLSOptions UseImplicitSSL'
