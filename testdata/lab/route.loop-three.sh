# Three routers send what is for the server round in a circle.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.loop fail proven 198.51.100.1, 198.51.100.34 and 198.51.100.18
# healthy: healthy-trace-path-detour

vsftpd server
detour
on isp ip route change 203.0.113.0/24 via 198.51.100.34
on edge ip address delete 203.0.113.1/24 dev dmz
