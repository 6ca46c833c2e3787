# The portal says what it is. No anchor is needed.
# target: http://www.example.com/
# verdict: fail
# cause: path.captive-portal fail proven
# check: http fail
# healthy: healthy-http

website server 80
on edge nft add element inet firewall open '{ 80 }'
captive_portal 'return 511'
