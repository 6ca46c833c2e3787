# The target speaks HTTP and is sent to the same page as the one anchor.
# target: http://www.example.com/
# flags: --anchor anchor.example.net:80
# verdict: fail
# cause: path.captive-portal fail proven portal.hotel.lan
# check: http fail
# healthy: healthy-http-redirects

anchor_hosts
website server 80
captive_portal 'return 302 http://portal.hotel.lan/login?session=secret'
