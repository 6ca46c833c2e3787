# FTP on a port of its own.
# target: ftp://files.example.com:2121/
# flags: --require both
# network: client-public
# verdict: ok

vsftpd server listen_port=2121
