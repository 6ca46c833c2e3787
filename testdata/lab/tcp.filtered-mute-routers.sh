# The server's firewall drops, and no router on the way ever says that a TTL ran out. That another port answers proves it all the same.
# target: ftp://203.0.113.10/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven before 203.0.113.10
# healthy: healthy-trace-path-mute

vsftpd server
hush cpe isp edge
on edge nft delete element inet firewall open '{ 21 }'
