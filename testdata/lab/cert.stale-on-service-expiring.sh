# The certificate was renewed, and pure-ftpd still presents the old one, which has ten days left.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: cert.stale-on-service warn proven
# healthy: healthy-same-on-service

website server 443 ssl good
pureftpd server --tls=1 --certfile=$tls/expiring.pem
