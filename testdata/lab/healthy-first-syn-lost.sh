# The server's firewall loses the first SYN of every connection to the control port. The second one, a second later, arrives.
# target: ftp://203.0.113.10/
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
forgets_first edge
