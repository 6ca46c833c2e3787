# Both families, and the way is to be traced all the same.
# target: ftp://files46.example.com/
# flags: --trace-path
# verdict: ok
# cause: ftp.active.blocked info likely
# check: path 203.0.113.10 pass
# check: path 2001:db8:2::10 pass

pureftpd server
