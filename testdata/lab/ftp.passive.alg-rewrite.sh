# The server announces its private address, and its router, which reads FTP, replaces it: without TLS. The passive range is
# forwarded, and a client that uses EPSV does not notice.
# target: ftpes://files.example.com/
# network: server-nat client-public
# verdict: warn
# cause: ftp.passive.private-address warn proven
# cause: ftp.passive.alg-rewrite warn proven
# healthy: healthy-nat-helper-at-server-ftpes

nat_helper edge
vsftpd server ssl_enable=YES allow_anon_ssl=YES
