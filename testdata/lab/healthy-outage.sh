# The line is down for a moment, just as the first connection begins: three SYNs are lost in a row, and nothing after them.
# target: tcp://203.0.113.10:443
# verdict: ok

loses tcp dport 443 numgen inc mod 100000 '<' 2
sshd server 443
