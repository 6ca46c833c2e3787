# The same with vsftpd.
# target: ftp://files.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

address_pool 192.0.2.71 192.0.2.72
vsftpd server pasv_promiscuous=YES
