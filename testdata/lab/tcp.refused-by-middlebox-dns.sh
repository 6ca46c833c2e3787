# The client's router lets questions over TCP through; one in three over UDP it rejects with an ICMP error, as a limit on such errors has
# it, and says nothing of the others. Programs ask over UDP.
# target: https://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.refused-by-middlebox fail proven 192.168.1.1
# healthy: healthy-udp-not-needed

website server 443 ssl good
on cpe bash -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
on cpe nft insert rule inet firewall forward iifname lan udp dport 53 drop
on cpe nft insert rule inet firewall forward iifname lan udp dport 53 numgen inc mod 3 0 reject with icmpx port-unreachable
