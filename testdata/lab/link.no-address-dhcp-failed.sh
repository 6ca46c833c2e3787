# DHCP failed as it does in life: no IPv4 address, no route, and nothing in resolv.conf.
# target: ftp://files.example.com/
# verdict: fail
# cause: link.no-address fail proven eth0
# healthy: healthy-vsftpd

on client ip address flush dev eth0 scope global
echo '# nothing' >/etc/resolv.conf
