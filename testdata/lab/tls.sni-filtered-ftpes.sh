# What follows AUTH TLS is read as well.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: tls.sni-filtered fail proven
# healthy: healthy-ftpes-vsftpd

censor drop files.example.com
vsftpd server ssl_enable=YES allow_anon_ssl=YES
