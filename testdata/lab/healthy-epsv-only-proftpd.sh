# The same with proftpd.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

proftpd server '<Limit PASV>' DenyAll '</Limit>'
