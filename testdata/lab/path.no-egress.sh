# The provider drops whatever the client sends. The client's router is well, and knows the target's name.
# target: tcp://files.example.com:21
# flags: --anchor 198.51.100.88 --anchor 192.0.2.88:80 --timeout 3s
# verdict: fail
# cause: path.no-egress fail proven 192.168.1.1
# check: tcp fail
# check: anchor fail
# healthy: healthy-anchors

anchor_hosts
vsftpd server
echo '203.0.113.10 files.example.com' >/etc/hosts
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access drop
