# The way there is longer than the way back.
# target: ftp://203.0.113.10/
# flags: --trace-path
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
detour
on isp ip route change 203.0.113.0/24 via 198.51.100.34
