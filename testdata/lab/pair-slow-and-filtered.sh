# Two faults: the server takes ten seconds to greet, and the firewall has forgotten the passive range.
# target: ftp://files.example.com/
# flags: --timeout 12s --deadline 60s
# network: client-public
# verdict: fail
# cause: ftp.banner-slow warn proven
# cause: ftp.passive.port-filtered fail proven
# check: ftp.active pass
# healthy: healthy-reverse-lookup

on edge nft insert rule inet firewall forward iifname dmz udp dport 53 drop
on edge nft delete element inet firewall open '{ 50000-50099 }'
proftpd server 'UseReverseDNS on'
