# Implicit TLS with proftpd.
# target: ftps://files.example.com/
# network: client-public
# verdict: ok

proftpd server 'Port 990' "$(proftpd_tls good)" 'TLSOptions UseImplicitSSL'
