# The firewall at the way out lets DNS through, and drops TCP.
# target: tcp://files.example.com:21
# flags: --anchor 198.51.100.88 --anchor 192.0.2.88:80 --timeout 3s
# verdict: fail
# cause: path.no-egress fail likely
# healthy: healthy-anchors

anchor_hosts
vsftpd server
on cpe nft insert rule inet firewall forward iifname lan meta l4proto tcp drop
