# The same, with some ports left.
# target: tcp://203.0.113.10:443
# verdict: ok

website server 443
few_ports 12
connections 8 203.0.113.10 443
