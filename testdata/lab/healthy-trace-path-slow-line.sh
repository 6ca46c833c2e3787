# A line by satellite: 600 ms there and back. The way is to be traced.
# target: ftp://203.0.113.10/
# flags: --trace-path
# delay: access 300ms
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
