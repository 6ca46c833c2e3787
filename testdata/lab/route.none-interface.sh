# The user wants to leave by an interface by which no route leads there. The kernel would look for the server on that link.
# target: ftp://203.0.113.10/
# flags: --interface eth1 --timeout 5s
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-interface-address

vsftpd server
second_uplink
