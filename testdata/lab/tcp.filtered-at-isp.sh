# The provider drops FTP on its way out. Other ports of the server are reached.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.1 or 198.51.100.18
# healthy: healthy-literal

vsftpd server
mangle isp 'iifname access tcp dport 21 drop'
