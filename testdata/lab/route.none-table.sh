# Routes are in a table of their own, and neither it nor the main table has a default route.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-policy-source

vsftpd server
on client ip route del default
on client ip route add 198.51.100.0/24 via 192.168.1.1 table 100
on client ip rule add priority 50 lookup 100
