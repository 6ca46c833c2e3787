# DHCP did not answer, and the client gave itself an address that leads nowhere.
# target: ftp://files.example.com/
# verdict: fail
# cause: link.autoconf-only fail proven eth0
# healthy: healthy-vsftpd

vsftpd server
on client ip address flush dev eth0 scope global
on client ip address add 169.254.7.7/16 dev eth0 scope link
