# The home router's DNS inspection is older than EDNS: it drops every question that has an OPT record, and says nothing.
# target: ftp://files.example.com/
# verdict: warn
# cause: dns.edns-dropped warn proven 198.51.100.53
# check: dns warn
# cause: ftp.active.private-address info proven
# healthy: healthy-vsftpd

vsftpd server
mangle cpe 'udp dport 53 @th,144,16 != 0 drop'
