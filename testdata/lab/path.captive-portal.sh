# A hotel's network: plain HTTP is sent to its page, and HTTPS gets its certificate.
# target: https://www.example.com/
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80
# verdict: fail
# cause: path.captive-portal fail proven portal.hotel.lan
# check: tls.certificate fail
# check: anchor fail
# healthy: healthy-anchors-https

anchor_hosts
website server 443 ssl good
captive_portal 'return 302 http://portal.hotel.lan/login?session=secret'
