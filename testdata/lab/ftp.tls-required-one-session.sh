# TLS is required, and one connection a host is all that the server allows.
# target: ftp://alice@files.example.com/
# env: RUNG_PASSWORD=wonderland
# verdict: fail
# cause: ftp.tls-required fail proven
# healthy: healthy-one-session

proftpd server "$(proftpd_tls good)" 'TLSRequired on' 'MaxConnectionsPerHost 1'
