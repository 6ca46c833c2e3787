# Over IPv6 the default routes are in tables by source address alone: the main table has none.
# target: ftp://[2001:db8:2::10]/
# flags: --timeout 2s
# verdict: ok
# cause: ftp.active.blocked info likely

vsftpd6 server
on client ip -6 route del default
on client ip -6 route add default via 2001:db8:1::1 table 100
on client ip -6 rule add from 2001:db8:1::/64 priority 50 lookup 100
