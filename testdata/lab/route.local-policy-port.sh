# A rule of the routing policy forbids FTP, whatever the address.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.local-policy fail proven
# check: route fail
# healthy: healthy-policy-port

vsftpd server
on client ip rule add ipproto tcp dport 21 priority 50 prohibit
