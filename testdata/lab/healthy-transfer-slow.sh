# A slow upload over TLS, and then more of the same session's data connections.
# target: ftpes://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

chown alice $run/home/alice
proftpd server "$(proftpd_tls good)" 'TransferRate STOR 1.2'
