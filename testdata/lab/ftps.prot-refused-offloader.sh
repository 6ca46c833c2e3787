# TLS ends at a proxy in front of a server that knows nothing of it: that server cannot protect its data connections.
# target: ftps://files.example.com/
# network: client-public
# verdict: fail
# cause: ftps.prot-refused fail proven
# healthy: healthy-ftps-vsftpd

vsftpd server
stunnel server '[ftps]' 'accept = 203.0.113.10:990' "cert = $tls/good.pem" 'connect = 127.0.0.1:21'
