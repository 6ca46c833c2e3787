# The FTP server presents the certificate of another name.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.name-mismatch fail proven
# healthy: healthy-ftps-proftpd

proftpd server 'Port 990' "$(proftpd_tls other-name)" 'TLSOptions UseImplicitSSL'
