# A certificate of ours that has expired, for proftpd.
# target: ftpes://files.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# network: client-public
# verdict: fail
# cause: tls.client-cert-rejected fail proven
# healthy: healthy-client-cert-proftpd

authority Staff
issue Staff alice -addext extendedKeyUsage=clientAuth
expire Staff alice
proftpd server "$(proftpd_tls good)" 'TLSVerifyClient on' "TLSCACertificateFile $tls/Staff.ca.pem"
