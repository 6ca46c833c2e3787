# With an IPv4 address to come from, nothing is said of the server's IPv6 address, which does not work.
# target: ftp://files46.example.com/
# flags: --source 192.168.1.10
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
on edge nft insert rule inet firewall forward ip6 daddr 2001:db8:2::10 drop
