# The web server and the FTP server of a host have the same certificate, renewed long enough ago.
# target: ftps://files.example.com/
# network: client-public
# verdict: ok

website server 443 ssl good
proftpd server 'Port 990' "$(proftpd_tls good)" 'TLSOptions UseImplicitSSL'
