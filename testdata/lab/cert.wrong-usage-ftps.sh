# The FTP server's certificate is one for clients.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.wrong-usage fail proven
# healthy: healthy-ftps-proftpd

proftpd server 'Port 990' "$(proftpd_tls for-clients)" 'TLSOptions UseImplicitSSL'
