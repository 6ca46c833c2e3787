# Rules that forbid other ports, other users, and what bears a mark.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
on client ip rule add ipproto tcp dport 25 priority 50 prohibit
on client ip rule add ipproto udp dport 21 priority 51 prohibit
on client ip rule add uidrange 0-1000 priority 52 unreachable
on client ip rule add fwmark 0x7 priority 53 blackhole
