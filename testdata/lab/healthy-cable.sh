# A client at the end of a line that takes its time, and damages nothing.
# target: ftp://files.example.com/
# delay: lan 1ms
# network: client-public
# verdict: ok
# check: link pass

vsftpd server
