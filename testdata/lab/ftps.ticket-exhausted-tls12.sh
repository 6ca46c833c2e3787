# The same with TLS 1.2.
# target: ftpes://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: ftps.ticket-exhausted fail proven
# healthy: healthy-transfer-slow

chown alice $run/home/alice
proftpd server "$(proftpd_tls good)" 'TLSProtocol TLSv1.2' 'TLSSessionTickets on' 'TLSSessionCache internal: 1' 'TransferRate STOR 1.2'
