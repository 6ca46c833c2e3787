# ftps:// at a proftpd that speaks TLS on that port, but only after AUTH TLS.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.plaintext-peer fail proven
# healthy: healthy-ftps-proftpd

proftpd server 'Port 990' "$(proftpd_tls good)"
