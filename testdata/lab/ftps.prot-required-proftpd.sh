# proftpd wants TLS on data connections alone.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftps.prot-required fail proven
# healthy: healthy-prot-clear-proftpd

proftpd server "$(proftpd_tls good)" 'TLSRequired data'
