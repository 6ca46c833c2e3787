# Packets go back and forth between the provider and the server's router, which says nothing: the other one alone is seen, again and
# again.
# target: ftp://203.0.113.10/
# flags: --timeout 4s
# verdict: fail
# cause: route.loop fail likely 198.51.100.1
# healthy: healthy-literal

vsftpd server
hush edge
on edge ip address delete 203.0.113.1/24 dev dmz
