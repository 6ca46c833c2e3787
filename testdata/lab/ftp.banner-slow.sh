# Before it greets, the server asks for the client's name, and its firewall drops the question.
# target: ftp://files.example.com/
# flags: --timeout 15s
# network: client-public
# verdict: warn
# cause: ftp.banner-slow warn proven
# healthy: healthy-reverse-lookup

on edge nft insert rule inet firewall forward iifname dmz udp dport 53 drop
proftpd server 'UseReverseDNS on'
