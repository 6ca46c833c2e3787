# The server's firewall lets no connection out.
# target: ftp://files.example.com/
# flags: --require both --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.blocked fail likely
# check: ftp.passive pass
# healthy: healthy-both-modes-proftpd

on edge nft insert rule inet firewall forward iifname dmz meta l4proto tcp ct state new drop
proftpd server
