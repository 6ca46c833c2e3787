# The provider forbids FTP, and says so. The trace tells where it stands.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.admin-prohibited fail proven 198.51.100.1
# check: path fail
# healthy: healthy-literal

vsftpd server
mangle isp 'iifname access tcp dport 21 reject with icmpx admin-prohibited'
