# The certificate was renewed, and proftpd still presents the old one, which has expired.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.stale-on-service fail proven
# healthy: healthy-same-on-service

website server 443 ssl good
proftpd server 'Port 990' "$(proftpd_tls expired)" 'TLSOptions UseImplicitSSL'
