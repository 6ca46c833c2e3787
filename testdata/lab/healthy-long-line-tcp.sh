# A line so long that the kernel sends each SYN twice: further connections would tell nothing of it, and the server limits them.
# target: tcp://203.0.113.10:443
# delay: access 600ms
# flags: --timeout 4s
# verdict: ok

sshd server 443
on edge nft insert rule inet firewall forward iifname wan tcp flags '& (syn | ack) == syn' limit rate over 10/minute burst 6 packets drop
