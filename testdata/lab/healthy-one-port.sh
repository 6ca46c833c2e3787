# The client's firewall lets port 443 out, and questions to the resolver. All else is dropped, ICMP too.
# target: https://www.example.com/
# verdict: ok

on cpe nft insert rule inet firewall forward iifname lan drop
on cpe nft insert rule inet firewall forward iifname lan tcp dport 443 accept
on cpe nft insert rule inet firewall forward iifname lan ip daddr 198.51.100.53 udp dport 53 accept
website server 443 ssl good
