# The same with IPv6 switched off in the client's kernel.
# target: ftp://files46.example.com/
# network: client-public
# verdict: ok

on client sysctl --quiet net.ipv6.conf.all.disable_ipv6=1
vsftpd server
