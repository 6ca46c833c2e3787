# The client's interface drops what nobody wants (frames of protocols that it does not speak), as on every office network.
# target: ftp://203.0.113.10/
# network: client-public
# verdict: ok
# check: link pass

vsftpd server
neighbour chatty 192.168.1.11/24
chatter chatty
