# An FTP server of a private CA.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.untrusted-root fail proven CN=Private Root
# healthy: healthy-private-root-ftpes

proftpd server "$(proftpd_tls private-root)"
