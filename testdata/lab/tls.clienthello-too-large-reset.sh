# A firewall resets a ClientHello that does not fit into one packet.
# target: https://www.example.com/
# verdict: fail
# cause: tls.clienthello-too-large fail proven
# healthy: healthy-https

on edge nft insert rule inet firewall forward iifname wan tcp dport 443 @ih,0,16 0x1603 @ih,24,16 '>' 1400 reject with tcp reset
website server 443 ssl good
