# The firewall does the same after AUTH TLS.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: tls.clienthello-too-large fail proven
# healthy: healthy-ftpes-proftpd

on edge nft insert rule inet firewall forward iifname wan tcp dport 21 @ih,0,16 0x1603 @ih,24,16 '>' 1400 drop
proftpd server "$(proftpd_tls good)"
