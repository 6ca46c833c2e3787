# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --timeout 15s
# network: client-public
# verdict: warn
# cause: ftp.banner-slow warn proven
# healthy: healthy-reverse-lookup-pureftpd

on edge nft insert rule inet firewall forward iifname dmz udp dport 53 drop
resolving_pureftpd server
