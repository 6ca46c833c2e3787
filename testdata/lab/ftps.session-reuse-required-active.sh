# The passive ports are closed, and in active mode vsftpd wants the TLS session resumed too.
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require active --timeout 2s
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail proven
# cause: ftp.passive.port-filtered info likely
# healthy: healthy-no-session-reuse-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server ssl_enable=YES allow_anon_ssl=YES
