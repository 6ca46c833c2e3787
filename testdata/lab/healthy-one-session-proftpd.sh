# One connection a host is all that the server allows.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

proftpd server 'MaxConnectionsPerHost 1'
