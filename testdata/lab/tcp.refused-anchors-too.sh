# A firewall on the way out refuses all TCP by a RST in the name of whoever was called: the target's own word that is not.
# target: tcp://203.0.113.10:21
# flags: --timeout 3s --anchor 8.8.4.4 --anchor 9.9.9.9
# verdict: fail
# cause: tcp.refused fail likely
# healthy: healthy-anchors

on cpe nft insert rule inet firewall forward iifname lan meta l4proto tcp reject with tcp reset
