# The control connection has TLS, this client's data connections do not, and vsftpd wants it there too.
# target: ftpes://alice@files.example.com/
# flags: --prot clear
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: ftps.prot-required fail proven
# healthy: healthy-prot-clear-vsftpd

vsftpd server ssl_enable=YES
