# The server's firewall drops FTP, and lets its web site through.
# target: ftp://203.0.113.10/
# flags: --timeout 4s
# verdict: fail
# cause: tcp.filtered fail proven 198.51.100.18 or 203.0.113.10 or the way back
# healthy: healthy-literal

vsftpd server
website server 443 ssl good
on edge nft delete element inet firewall open '{ 21 }'
