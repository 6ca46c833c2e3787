# The same, for FTP: nothing but HTTP gets an answer.
# target: ftp://files.example.com/
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80 --timeout 3s
# verdict: fail
# cause: path.captive-portal fail proven portal.hotel.lan
# check: tcp fail
# healthy: healthy-anchors

anchor_hosts
vsftpd server
captive_portal 'return 302 http://portal.hotel.lan/login?session=secret'
