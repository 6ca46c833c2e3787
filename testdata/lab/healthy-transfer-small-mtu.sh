# The same tunnel, whose router says what does not fit.
# target: ftp://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

chown alice $run/home/alice
narrow 1400 isp
vsftpd server write_enable=YES
