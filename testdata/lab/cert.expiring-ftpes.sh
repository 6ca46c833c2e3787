# The FTP server's certificate is good for ten more days.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: cert.expiring warn proven
# check: ftp.passive pass
# healthy: healthy-ftpes-proftpd

proftpd server "$(proftpd_tls expiring)"
