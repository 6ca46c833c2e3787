# The same with a router that forwards the passive range only for those outside, and answers with a reset itself.
# target: ftp://files.example.com/
# network: server-nat
# verdict: fail
# cause: ftp.passive.hairpin fail likely
# cause: ftp.active.private-address info proven
# healthy: healthy-hairpin-pureftpd

client_inside
on edge nft flush chain inet firewall forwarding
on edge nft add rule inet firewall forwarding iifname wan ip daddr 203.0.113.10 tcp dport @open dnat ip to 10.88.1.2
on edge nft add rule inet firewall forwarding iifname dmz ip daddr 203.0.113.10 tcp dport 21 dnat ip to 10.88.1.2
pureftpd server --forcepassiveip=203.0.113.10
