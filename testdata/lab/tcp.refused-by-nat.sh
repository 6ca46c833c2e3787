# The server's router translates addresses, has no forward for FTP, and refuses itself: nearer than the server, and no device on the way,
# for it bears the target's address.
# target: ftp://203.0.113.10/
# flags: --trace-path
# network: server-nat
# verdict: fail
# cause: tcp.refused fail proven 203.0.113.10:21
# check: path pass
# healthy: healthy-trace-path

vsftpd server
website server 443 ssl good
on edge nft delete element inet firewall open '{ 21 }'
on edge nft flush chain inet firewall input
