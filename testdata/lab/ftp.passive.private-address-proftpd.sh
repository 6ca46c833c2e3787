# The same with proftpd, and a client with a public address.
# target: ftp://files.example.com/
# network: server-nat client-public
# verdict: warn
# cause: ftp.passive.private-address warn proven
# check: ftp.passive warn
# healthy: healthy-server-behind-nat-proftpd

proftpd server
