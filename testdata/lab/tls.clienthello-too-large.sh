# A firewall that was made before post-quantum keys drops a ClientHello of more than 512 bytes.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.clienthello-too-large fail proven
# healthy: healthy-https

on edge nft insert rule inet firewall forward iifname wan tcp dport 443 @ih,0,16 0x1603 @ih,24,16 '>' 512 drop
website server 443 ssl good
