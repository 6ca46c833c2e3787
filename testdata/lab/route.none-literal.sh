# No default route, and the target is an address.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-literal

vsftpd server
on client ip route delete default
