# A file goes to proftpd and back over TLS.
# target: ftpes://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

chown alice $run/home/alice
proftpd server "$(proftpd_tls good)"
