# A file goes to vsftpd and back over TLS.
# target: ftpes://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

chown alice $run/home/alice
vsftpd server ssl_enable=YES write_enable=YES
