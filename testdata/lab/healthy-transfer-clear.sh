# A file goes to vsftpd and back in clear.
# target: ftp://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

chown alice $run/home/alice
vsftpd server write_enable=YES
