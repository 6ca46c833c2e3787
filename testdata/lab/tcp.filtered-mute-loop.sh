# Packets go back and forth between two routers of which none ever says that a TTL ran out: that is silence, as of a firewall.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven behind 192.168.1.1
# healthy: healthy-vsftpd

vsftpd server
hush isp edge
on edge ip address delete 203.0.113.1/24 dev dmz
