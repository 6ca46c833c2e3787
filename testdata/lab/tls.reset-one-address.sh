# IPv6 leads past a firewall that resets every ClientHello; IPv4 does not.
# target: https://files46.example.com/
# flags: --all-addresses
# verdict: warn
# cause: tls.reset warn proven [2001:db8:2::10]:443
# healthy: healthy-https

on edge nft insert rule inet firewall forward meta nfproto ipv6 iifname wan tcp dport 443 @ih,0,8 0x16 reject with tcp reset
website server 443 ssl good
