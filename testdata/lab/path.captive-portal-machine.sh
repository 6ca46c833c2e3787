# This machine alone, in a hotel.
# target: -
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80
# verdict: fail
# cause: path.captive-portal fail proven portal.hotel.lan
# healthy: healthy-machine-anchors

anchor_hosts
captive_portal 'return 302 http://portal.hotel.lan/login'
