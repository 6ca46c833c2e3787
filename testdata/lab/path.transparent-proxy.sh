# The provider's accelerator accepts every connection and makes one of its own to the target.
# target: tcp://files.example.com:21
# flags: --anchor anchor.example.net
# verdict: warn
# cause: path.transparent-proxy warn proven
# check: tcp pass
# healthy: healthy-anchors

anchor_hosts
vsftpd server
accelerator
