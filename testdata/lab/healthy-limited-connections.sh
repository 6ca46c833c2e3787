# A SYN is lost by chance, and the server's firewall lets a client begin ten connections a minute: what rung tries then is dropped.
# target: tcp://203.0.113.10:443
# flags: --timeout 4s
# verdict: ok

sshd server 443
loses tcp dport 443 tcp flags syn numgen inc mod 100000 '<' 1
on edge nft insert rule inet firewall forward iifname wan tcp flags '& (syn | ack) == syn' limit rate over 10/minute burst 6 packets drop
