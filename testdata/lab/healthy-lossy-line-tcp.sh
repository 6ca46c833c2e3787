# A line that loses one packet in a hundred: a SYN may have to be sent again, and that is all.
# target: tcp://203.0.113.10:443
# verdict: ok

lossy
sshd server 443
