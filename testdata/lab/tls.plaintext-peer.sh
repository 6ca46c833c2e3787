# ftps:// at a server that speaks plain FTP on that port.
# target: ftps://files.example.com/
# verdict: fail
# cause: tls.plaintext-peer fail proven
# healthy: healthy-ftps-vsftpd

vsftpd server listen_port=990
