# The default gateway's address is wrong: nobody answers ARP there.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 192.168.1.254
# healthy: healthy-vsftpd

vsftpd server
on client ip route replace default via 192.168.1.254
