# The server's firewall drops. The resolver answers, so the client's own way to the Internet is open.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven
# healthy: healthy-vsftpd

vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
