# A firewall in front of the server answers every ClientHello with a reset.
# target: https://www.example.com/
# verdict: fail
# cause: tls.reset fail proven
# healthy: healthy-https

on edge nft insert rule inet firewall forward iifname wan tcp dport 443 @ih,0,8 0x16 reject with tcp reset
website server 443 ssl good
