# Listings come through, and of an upload not a byte arrives: the path loses whatever carries data to a passive port.
# target: ftp://alice@files.example.com/
# flags: --transfer --timeout 3s
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: unexplained.ftp.passive fail unknown
# check: ftp.passive fail
# healthy: healthy-transfer-clear

chown alice $run/home/alice
vsftpd server write_enable=YES
mangle edge 'iifname wan tcp dport > 1023 ip length > 60 drop'
