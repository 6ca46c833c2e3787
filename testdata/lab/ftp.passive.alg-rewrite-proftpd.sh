# The same with proftpd.
# target: ftpes://files.example.com/
# network: server-nat client-public
# verdict: warn
# cause: ftp.passive.private-address warn proven
# cause: ftp.passive.alg-rewrite warn proven
# healthy: healthy-nat-helper-at-server-ftpes-proftpd

nat_helper edge
proftpd server "$(proftpd_tls good)"
