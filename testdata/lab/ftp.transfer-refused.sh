# Nothing may be uploaded: vsftpd refuses at once, and TLS was never spoken on that data connection. The listings work.
# target: ftpes://alice@files.example.com/
# flags: --transfer
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok
# cause: ftp.transfer-refused info proven
# healthy: healthy-transfer-vsftpd

vsftpd server ssl_enable=YES
