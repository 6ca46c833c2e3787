# What comes from the client's address is looked up in a table of its own, and a kill switch stands there.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.local-policy fail proven
# healthy: healthy-policy-source

vsftpd server
on client ip route add blackhole default table 100
on client ip rule add from 192.168.1.10 priority 50 lookup 100
