# vsftpd as it comes: data connections have to resume the control connection's TLS session. This client does not.
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require both
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail proven
# healthy: healthy-no-session-reuse-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES
