# This machine alone: its router forbids all TCP to the outside, and says so.
# target: -
# flags: --timeout 3s --anchor 8.8.4.4 --anchor 9.9.9.9
# verdict: fail
# cause: path.no-egress fail likely 192.168.1.1
# healthy: healthy-machine-anchors

on cpe nft insert rule inet firewall forward iifname lan meta l4proto tcp reject with icmpx admin-prohibited
