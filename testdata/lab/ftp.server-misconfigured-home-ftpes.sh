# The user's home directory is gone: "500 OOPS: cannot change directory", in plain text, into TLS.
# target: ftpes://alice@files.example.com/
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: ftp.server-misconfigured fail proven
# healthy: healthy-transfer-vsftpd

rmdir $run/home/alice
vsftpd server ssl_enable=YES
