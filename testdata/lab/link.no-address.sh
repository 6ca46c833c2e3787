# Neither DHCP nor router advertisements gave the client an address.
# target: ftp://files.example.com/
# verdict: fail
# cause: link.no-address fail proven eth0
# healthy: healthy-vsftpd

vsftpd server
on client ip address flush dev eth0 scope global
