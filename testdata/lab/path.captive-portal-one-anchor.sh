# One anchor is sent to a private address, and the target is silent.
# target: ftp://files.example.com/
# flags: --anchor anchor.example.net:80 --timeout 3s
# verdict: fail
# cause: path.captive-portal fail likely 192.168.1.1
# healthy: healthy-anchors

anchor_hosts
vsftpd server
captive_portal 'return 302 http://192.168.1.1/login'
