# The provider drops what the server answers: the SYNs arrive, and only the comparison with another port shows that somebody keeps
# something back. Where the routers tell how far SYNs come, they tell nothing of the way back.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# healthy: healthy-literal

vsftpd server
mangle isp 'oifname access tcp sport 21 drop'
