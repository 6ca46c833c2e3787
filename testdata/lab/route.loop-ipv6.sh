# Over IPv6, the provider and the server's router each think that the other has the server's network.
# target: ftp://[2001:db8:2::10]/
# verdict: fail
# cause: route.loop fail proven 2001:db8:b::2 and 2001:db8:b::1
# healthy: healthy-ipv6-literal

vsftpd6 server
on edge ip address delete 2001:db8:2::1/64 dev dmz
