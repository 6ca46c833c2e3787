# A rule of this machine drops questions over UDP; those over TCP leave it.
# target: https://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tcp.local-firewall fail likely 198.51.100.53
# healthy: healthy-udp-not-needed

website server 443 ssl good
on client nft add table ip filter
on client nft add chain ip filter OUTPUT '{ type filter hook output priority 0; }'
on client nft add rule ip filter OUTPUT udp dport 53 drop
