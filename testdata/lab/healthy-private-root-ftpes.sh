# An FTP server of a private CA, whose root the user names.
# target: ftpes://files.example.com/
# flags: --ca-file /run/lab/tls/private-ca.pem
# network: client-public
# verdict: ok

proftpd server "$(proftpd_tls private-root)"
