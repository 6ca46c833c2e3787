# On the line from the server every third packet takes a third of a second longer than the others. The first SYN is lost, and gives reason to
# look at the line.
# target: tcp://203.0.113.10:443
# delay: transit 5ms 0 300ms
# verdict: ok
# cause: path.slow info proven 203.0.113.10:443
# check: tcp pass
# healthy: healthy-lossy-line-tcp

loses tcp flags syn numgen inc mod 1000 '<' 1
sshd server 443
