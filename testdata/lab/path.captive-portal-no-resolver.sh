# A hotel's network keeps questions to any resolver but its own inside, and asks for a login.
# target: https://www.example.com/
# flags: --anchor 198.51.100.88:80 --anchor 192.0.2.88:80 --timeout 3s
# verdict: fail
# cause: path.captive-portal fail proven portal.hotel.lan
# cause: dns.resolver-timeout fail likely
# healthy: healthy-anchors-https

anchor_hosts
website server 443 ssl good
captive_portal 'return 302 http://portal.hotel.lan/login'
on cpe nft insert rule inet portal forward iifname lan udp dport 53 drop
on cpe nft insert rule inet portal forward iifname lan tcp dport 53 drop
