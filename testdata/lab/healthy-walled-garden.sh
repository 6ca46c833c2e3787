# The portal lets the target through without a login.
# target: https://www.example.com/
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80
# verdict: ok
# cause: path.captive-portal info proven portal.hotel.lan

anchor_hosts
website server 443 ssl good
captive_portal 'return 302 http://portal.hotel.lan/login'
on cpe nft insert rule inet portal prerouting ip daddr 203.0.113.10 return
on cpe nft insert rule inet portal forward ip daddr 203.0.113.10 return
