# pure-ftpd accepts logins over TLS only.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.tls-required fail proven
# healthy: healthy-ftpes-pureftpd

pureftpd server --tls=2
