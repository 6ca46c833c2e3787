# A firewall on the way replaces AUTH by XXXX, so that it can go on reading. The server quotes the command that it was sent.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.auth-tls-stripped fail proven
# healthy: healthy-ftpes-proftpd

strip_auth edge
proftpd server "$(proftpd_tls good)"
