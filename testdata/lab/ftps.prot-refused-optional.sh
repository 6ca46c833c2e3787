# TLS is for whoever wants it on the control connection, and never for data.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftps.prot-refused fail proven
# healthy: healthy-ftpes-proftpd

proftpd server "$(proftpd_tls good)" 'TLSRequired !data'
