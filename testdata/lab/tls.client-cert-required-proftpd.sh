# A proftpd that takes customers with a certificate only.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-client-cert-proftpd

authority Staff
proftpd server "$(proftpd_tls good)" 'TLSVerifyClient on' "TLSCACertificateFile $tls/Staff.ca.pem"
