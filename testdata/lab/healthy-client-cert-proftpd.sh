# A proftpd for customers with a certificate, on data connections as well.
# target: ftpes://files.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# network: client-public
# verdict: ok

authority Staff
issue Staff alice -addext extendedKeyUsage=clientAuth
proftpd server "$(proftpd_tls good)" 'TLSVerifyClient on' "TLSCACertificateFile $tls/Staff.ca.pem"
