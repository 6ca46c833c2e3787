# The same, and the target is filtered: the connection looks well, and it is the upper layers that tell.
# target: ftp://files.example.com/
# flags: --anchor anchor.example.net --timeout 3s
# verdict: fail
# cause: path.transparent-proxy warn proven
# cause: tcp.silent fail likely
# check: tcp pass
# healthy: healthy-anchors

anchor_hosts
accelerator
vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
