# A reset for this name with implicit TLS.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.sni-filtered fail proven
# healthy: healthy-ftps-proftpd

censor reset files.example.com
proftpd server 'Port 990' "$(proftpd_tls good)" 'TLSOptions UseImplicitSSL'
