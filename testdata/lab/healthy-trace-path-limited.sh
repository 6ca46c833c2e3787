# The provider's router sends two ICMP errors a second at the most: what it does not say is no loss.
# target: ftp://203.0.113.10/
# flags: --trace-path
# verdict: ok
# cause: ftp.active.private-address info proven
# check: path pass

vsftpd server
limited isp
