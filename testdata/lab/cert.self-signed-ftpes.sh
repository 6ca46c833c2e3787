# An FTP server with a certificate of its own making.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.self-signed fail proven
# healthy: healthy-ftpes-proftpd

proftpd server "$(proftpd_tls self-signed)"
