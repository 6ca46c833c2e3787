# No router on the way ever says that a TTL ran out, nor anything else: all is well.
# target: ftp://203.0.113.10/
# flags: --trace-path
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
hush cpe isp edge
