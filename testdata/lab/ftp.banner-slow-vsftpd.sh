# The same with vsftpd, whose access list has a name in it.
# target: ftp://files.example.com/
# flags: --timeout 15s
# network: client-public
# verdict: warn
# cause: ftp.banner-slow warn proven
# healthy: healthy-access-list

on edge nft insert rule inet firewall forward iifname dmz udp dport 53 drop
echo 'vsftpd: .example.net' >/etc/hosts.deny
vsftpd server tcp_wrappers=YES
