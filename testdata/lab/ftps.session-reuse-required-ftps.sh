# The same with implicit TLS.
# target: ftps://files.example.com/
# flags: --no-session-reuse
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail proven
# healthy: healthy-ftps-vsftpd

vsftpd server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES
