# The server does not know EPRT; over IPv4 PORT serves.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

proftpd server '<Limit EPRT>' DenyAll '</Limit>'
