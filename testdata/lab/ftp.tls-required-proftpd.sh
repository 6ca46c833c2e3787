# proftpd accepts logins over TLS only.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.tls-required fail proven
# healthy: healthy-ftpes-proftpd

proftpd server "$(proftpd_tls good)" 'TLSRequired on'
