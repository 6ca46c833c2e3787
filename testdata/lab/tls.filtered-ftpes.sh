# The same on the control connection, after AUTH TLS.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: tls.filtered fail proven
# healthy: healthy-ftpes-vsftpd

mangle isp 'iifname access tcp dport 21 @ih,0,8 0x16 drop'
vsftpd server ssl_enable=YES allow_anon_ssl=YES
