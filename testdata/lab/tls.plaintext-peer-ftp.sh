# https:// at the port of an FTP server, whose greeting comes before our ClientHello.
# target: https://files.example.com:21/
# verdict: fail
# cause: tls.plaintext-peer fail proven
# healthy: healthy-https

proftpd server
