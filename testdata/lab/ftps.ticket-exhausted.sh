# proftpd forgets TLS sessions after two seconds, and the upload takes longer: the first data connection resumes, the next is refused.
# target: ftpes://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: ftps.ticket-exhausted fail proven
# healthy: healthy-transfer-slow

chown alice $run/home/alice
proftpd server "$(proftpd_tls good)" 'TLSSessionCache internal: 2' 'TransferRate STOR 1.2'
